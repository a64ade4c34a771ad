"""Compare the learner's own runs: their final numbers, and whether they differ only in what they should."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from tltutor.events import Changed, Snapshot
from tltutor.language import mark, spoken, tr
from tltutor.views.cards import Table

if TYPE_CHECKING:
    from tltutor.lab import Lab

LAST = 50  # steps over which a loss at the end is averaged, as in claims
TEST_RUN = "TLTUTOR_LESSON_FAST"  # set to 1 in tests, where cells play their runs
HEAD = tuple(
    map(
        mark,
        (
            "Run",
            "Objective",
            "λ",
            "Seed",
            "Steps",
            "Target accuracy",
            "Source accuracy",
            "Domain probe",
        ),
    )
)
NAMED = {"lr": "learning rate", "freeze_depth": "freeze depth"}  # what a run's setup calls them
SHOWN = ("target_accuracy", "source_accuracy", "domain_probe_accuracy")


def in_test_run() -> bool:
    """Return True if a test executes the lesson, so that a cell may wait for a run."""
    return os.environ.get(TEST_RUN) == "1"


def autoplay(lab: Lab) -> None:
    """In a test run, play to the end; otherwise do nothing, because the learner presses Play."""
    if in_test_run() and not lab.session.done:
        lab.play()
        lab.wait()


def effective(lab: Lab, name: str, *, progress: float) -> float | None:
    """Return a setting's value after its schedule, at this share of the lab's run (0..1).

    A long recording stores only some steps; the first stored step from there on counts. None if the setting was changed, or
    if the run is not that far.
    """
    first = round(progress * lab.session.steps) + 1  # steps are numbered from 1
    reached = next((fact for fact in lab.recording.stepped if fact.step >= first), None)
    if reached is None or any(change.name == name for change in lab.recording.changes):
        return None
    return float(reached.effective[name])


def curve(lab: Lab, number: str) -> list[tuple[float, float]] | None:
    """Return a number of the snapshots over the run as (share of the run, value); None if unfinished or a setting was changed."""
    autoplay(lab)
    steps, recording = lab.session.steps, lab.recording
    if not lab.session.done or lab.error is not None or recording.changes:
        return None
    snapshots = (fact for fact in recording.facts if isinstance(fact, Snapshot))
    return [
        (fact.step / steps, float(fact.numbers[number]))
        for fact in snapshots
        if number in fact.numbers
    ]


@dataclass(frozen=True, eq=False)
class Run:
    """One run: its setup, the changes on the way, and the numbers of its last snapshot if it is done."""

    objective: str
    weight: float | None  # None where the objective has no lambda
    step: int
    steps: int
    setup: Mapping[str, Any]
    settings: Mapping[str, Any]  # the objective's own, current values
    moved: tuple[Changed, ...]
    numbers: Mapping[str, float] | None
    secret: frozenset[str] = frozenset()  # settings that the learner is to find out

    def row(self, name: str, shown: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the table's row; shown: additional columns."""
        weight = (
            "–" if self.weight is None else "?" if "weight" in self.secret else f"{self.weight:g}"
        )
        numbers = [self.numbers.get(n) if self.numbers else None for n in SHOWN]
        figures = ("–" if value is None else f"{value:.3f}" for value in numbers)
        step = tr("{step} of {steps}", step=self.step, steps=self.steps)
        extra = ("?" if n in self.secret else tr(str(self.all.get(n, "–"))) for n in shown)
        return name, tr(self.objective), weight, str(self.setup["seed"]), *extra, step, *figures

    @property
    def all(self) -> dict[str, Any]:
        """Setup and the objective's settings."""
        return {**self.setup, **self.settings}


def read_run(lab: Lab) -> Run:
    """Return the run that this lab shows."""
    session, experiment, last = lab.session, lab.experiment, lab.recording.latest
    options = {n: v for n, v in experiment.session_options.items() if n != "weight"}
    setup = {
        "seed": experiment.seed,
        "domains": session.pair.name,
        mark("domains' options"): dict(experiment.pair_options),
    }
    setup |= {
        "network": session.network.name,
        mark("network's options"): dict(experiment.network_options),
        **options,
    }
    setup |= {"learning rate": session.values["lr"], "freeze depth": session.values["freeze_depth"]}
    done = (
        session.done and lab.error is None and last is not None and last.step == session.step_number
    )
    return Run(
        objective=session.objective.title,
        weight=session.values["weight"] if session.objective.weighted else None,
        step=session.step_number,
        steps=session.steps,
        setup={name: value for name, value in setup.items() if name not in ("lr", "freeze_depth")},
        settings={s.name: getattr(session.objective, s.name) for s in session.objective.settings},
        moved=lab.recording.changes,
        numbers=dict(last.numbers) if done and last is not None else None,
        secret=frozenset(NAMED.get(name, name) for name in lab.secret),
    )


def numbers_of(name: str) -> Mapping[str, float] | None:
    """Return the final numbers of the learner's board of this name, and "loss TERM", each term's mean over the last steps.

    None until it has finished, and where a setting was changed on the way.
    """
    from tltutor.lab.lab import find_finished

    lab = find_finished(name)
    run = read_run(lab) if lab is not None else None
    if lab is None or run is None or run.numbers is None or run.moved:
        return None
    last = [fact.losses for fact in lab.recording.stepped[-LAST:]]
    means = {term: fmean(loss[term] for loss in last if term in loss) for term in last[-1]}
    terms = {f"loss {term}": mean for term, mean in means.items()}
    return {**run.numbers, **terms}


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Runs by name; a notebook shows them as a table, with the reasons why a comparison would be unfair."""

    runs: Mapping[str, Run]

    @property
    def methods_differ(self) -> bool:
        """True if objectives or their lambdas are compared."""
        return len({(run.objective, run.weight) for run in self.runs.values()}) > 1

    @property
    def differing(self) -> tuple[str, ...]:
        """What else differs between the runs; settings of different objectives are not compared."""
        setups = [run.setup if self.methods_differ else run.all for run in self.runs.values()]
        names = dict.fromkeys(name for run in setups for name in run)
        return tuple(
            name
            for name in names
            if any(run.get(name) != setups[0].get(name) for run in setups[1:])
        )

    @property
    def objections(self) -> tuple[str, ...]:
        """Why the runs cannot be compared (yet), in sentences."""
        runs = self.runs.items()
        wait = "“{name}” is at step {step} of {steps}: let it finish."
        sentences = [
            tr(wait, name=name, step=r.step, steps=r.steps) for name, r in runs if not r.numbers
        ]
        moved = "In “{name}” a slider was moved: press Reset and let it run."
        sentences += [tr(moved, name=name) for name, r in runs if r.moved]
        alone = (
            len(self.differing) == 1
            and not self.methods_differ
            and self.differing[0] not in ("seed", "domains")
        )
        too = "The runs should differ in one thing only, but {what} differs too."
        return (*sentences, *(tr(too, what=spoken(what)) for what in self.differing if not alone))

    @property
    def table(self) -> Table:
        """The rows, and below them the reasons against a comparison."""
        shown = tuple(what for what in self.differing if what != "seed")
        head = (*map(tr, HEAD[:4]), *map(spoken, shown), *map(tr, HEAD[4:]))
        rows = [run.row(name, shown) for name, run in self.runs.items()]
        return Table(head, rows, " ".join(self.objections))

    def difference(self, number: str) -> float | None:
        """Return the first run's final number minus the second's; None if that would be unfair."""
        if self.objections:
            return None
        first, second, *_ = (run.numbers or {} for run in self.runs.values())
        return first[number] - second[number]

    def best(self, number: str) -> str | None:
        """Return the name of the run with the highest number; None if a comparison would be unfair."""
        if self.objections:
            return None
        return max(self.runs, key=lambda name: (self.runs[name].numbers or {})[number])

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def side_by_side(labs: Mapping[str, Lab]) -> SideBySide:
    """Compare the runs of two or more labs by name; numbers are those of each run's last snapshot.

    Errors: ValueError for fewer than two labs.
    """
    if len(labs) < 2:
        raise ValueError(f"a comparison needs two labs or more, got {len(labs)}")
    for lab in labs.values():
        autoplay(lab)
    return SideBySide({name: read_run(lab) for name, lab in labs.items()})
