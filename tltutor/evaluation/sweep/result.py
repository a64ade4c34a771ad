"""What a sweep found: the choice by a judge, and beside it, marked as such, the oracle's, which knows the target's labels."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tltutor.evaluation.comparison import Spread
from tltutor.evaluation.gain import Gain, paired_gain
from tltutor.evaluation.sweep.answers import accuracy_of_sum, unpacked
from tltutor.evaluation.sweep.journal import Trial
from tltutor.evaluation.sweep.plan import Plan
from tltutor.experiment.experiment import SOURCE_ONLY


@dataclass(frozen=True)
class Sum:
    """The sum of `settings` settings: its coefficients for each seed, and its target accuracy, None without labels."""

    settings: int
    coefficients: tuple[tuple[float, ...], ...]
    accuracy: Spread | None


@dataclass(frozen=True)
class SweepResult:
    """The trials of a sweep, and what follows from them. `objective`: of one method, or None for all of them."""

    plan: Plan
    trials: Sequence[Trial]

    @property
    def complete(self) -> bool:
        """Whether every setting that was asked for is finished."""
        return all(map(self._is_complete, self.plan.objectives))

    def _is_complete(self, objective: str) -> bool:
        done = [t.setting for t in self.trials if t.objective == objective and t.is_done]
        if self.plan.search.name == "grid":
            return all(point in done for point in self.plan.points(objective))
        return len(done) >= self.plan.search.trials

    def choice(self, objective: str | None = None, judge: str | None = None) -> Trial | None:
        """Return the setting with the best mean score by this judge, the plan's by default; None if none can be chosen.

        A setting that has collapsed to one class with some seed, diverged, or lacks a seed is never chosen.
        """
        found = {
            k: score
            for k, trial in enumerate(self.trials)
            if objective in (None, trial.objective)
            and (score := self.score(trial, judge)) is not None
        }
        return self.trials[max(found, key=lambda k: found[k].mean)] if found else None

    def oracle(self, objective: str | None = None) -> Trial | None:
        """Return the setting with the best mean target accuracy: it looks at the labels, and is no choice."""
        found = {
            k: accuracy
            for k, trial in enumerate(self.trials)
            if objective in (None, trial.objective)
            and (accuracy := self.accuracy(trial)) is not None
        }
        return self.trials[max(found, key=lambda k: found[k].mean)] if found else None

    def regret(self, objective: str | None = None, judge: str | None = None) -> Spread | None:
        """Return what the choice lacks to the oracle's target accuracy, seed by seed: on average at least 0."""
        choice, oracle = self.choice(objective, judge), self.oracle(objective)
        chosen = None if choice is None else self.accuracy(choice)
        best = None if oracle is None else self.accuracy(oracle)
        if chosen is None or best is None:
            return None
        return Spread(tuple(b - c for b, c in zip(best.values, chosen.values, strict=True)))

    def summed(self) -> Sum | None:
        """Return IWA's weighted sum of all settings that can be chosen (Dinu et al., 2023), seed by seed; None of fewer than 2.

        It selects nothing: c = G^+ F by `metrics.judges.aggregation_weights`, without a target label. Settings whose method was
        given target labels have other target examples, and are left out.
        """
        usable = [t for t in self.trials if (s := self.score(t)) is not None and s.values]
        by_trial = [
            [unpacked(run.answers) for run in self._runs(t)]
            for t in usable
            if all(run.answers for run in self._runs(t))
        ]
        alike = [
            runs
            for runs in by_trial
            if all((a.examples == b.examples).all() for a, b in zip(runs, by_trial[0], strict=True))
        ]
        if len(alike) < 2:
            return None
        each = [accuracy_of_sum(runs) for runs in zip(*alike, strict=True)]
        return Sum(
            len(alike),
            tuple(tuple(map(float, c)) for c, _ in each),
            _spread([accuracy for _, accuracy in each]),
        )

    def gain(self, objective: str) -> Gain | None:
        """Return the target accuracy of this method's choice minus that of source-only's, paired by seed.

        None if source-only is not among the methods, is this one, or one of both has no choice or no labels to judge by.
        """
        if objective == SOURCE_ONLY:
            return None
        chosen, zero = self._by_seed(objective), self._by_seed(SOURCE_ONLY)
        return paired_gain(chosen, zero) if chosen and zero else None

    def _by_seed(self, objective: str) -> dict[int, float]:
        """Return the target accuracy of a method's choice by seed; nothing without a choice or labels."""
        choice = self.choice(objective)
        accuracy = None if choice is None else self.accuracy(choice)
        return {} if accuracy is None else dict(zip(self.plan.seeds, accuracy.values, strict=True))

    def score(self, trial: Trial, judge: str | None = None) -> Spread | None:
        """Return a judge's scores over the seeds, more is better; None for a setting that cannot be chosen."""
        runs = self._runs(trial)
        scores = [
            None if run.collapsed else run.scores.get(judge or self.plan.choose) for run in runs
        ]
        return _spread(scores)

    def accuracy(self, trial: Trial) -> Spread | None:
        """Return the accuracies on the target's labels over the seeds; None without labels, or if a seed is missing."""
        return _spread([run.oracle for run in self._runs(trial)])

    def seconds_of_a_run(self) -> float | None:
        """Return the mean time of a run; None before the first."""
        seconds = [run.seconds for trial in self.trials for run in trial.runs.values()]
        return statistics.fmean(seconds) if seconds else None

    def _runs(self, trial: Trial) -> list[Any]:
        """Return the runs in the order of the seeds; none if one is missing."""
        whole = set(self.plan.seeds) <= trial.runs.keys()
        return [trial.runs[seed] for seed in self.plan.seeds] if whole else []


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = tuple(value for value in values if value is not None)
    return Spread(known) if known and len(known) == len(values) else None


def setting_text(setting: Mapping[str, Any]) -> str:
    """Return a setting in words, such as "weight=0.3 width=2"."""
    return (
        " ".join(
            f"{name}={value:g}"
            if isinstance(value, float) and not isinstance(value, bool)
            else f"{name}={value}"
            for name, value in setting.items()
        )
        or "its defaults"
    )
