"""Compare a method with its baselines over seeds: the same pairs, networks and batches in every row. It prints nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from tltutor.domains import load_pair
from tltutor.evaluation.gain import Gain, paired_gain
from tltutor.events import Fact, Stepped
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.networks.batchnorm import has_batchnorm
from tltutor.objectives import find_objective

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.training.session import Session

TARGET_STATISTICS = "source-only-target-bn"  # an objective, like source-only
SCRATCH, CEILING = "from-scratch", "target-only"
LABELED_ALONE = frozenset({"labeled"})  # the batches that fine-tuning uses
JUDGED_BY = "target_accuracy"  # the number by which a method is compared with source-only
Watch: TypeAlias = Callable[["Session"], Iterator[Fact]]


@dataclass(frozen=True)
class Comparison:
    """A method's experiment (pair and objective by name) and its baselines, each with every seed."""

    experiment: Experiment
    seeds: tuple[int, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows: source-only without and with the target's BatchNorm statistics, the method, target-only.

        Fine-tuning of a trained network also has a row from scratch.
        """
        experiment = self.experiment
        started = bool(experiment.network_options.get("weights") or experiment.pretrained_by)
        scratch = (
            (SCRATCH,) if started and find_objective(self.method).batches == LABELED_ALONE else ()
        )
        return tuple(
            dict.fromkeys((SOURCE_ONLY, TARGET_STATISTICS, self.method, *scratch, CEILING))
        )

    @property
    def method(self) -> str:
        """The name of the objective that is compared with the baselines."""
        return str(self.experiment.objective)

    def run(self, row: str, pair: DomainPair, seed: int) -> Experiment:
        """Return the experiment of one row and seed, on a pair that was loaded with this seed."""
        experiment = replace(self.experiment, pair=pair, seed=seed)
        if row == self.method:
            return experiment
        if row == SCRATCH:
            network_options = {
                name: value
                for name, value in experiment.network_options.items()
                if name != "weights"
            }
            session_options = {**experiment.session_options, "freeze_depth": 0}
            return replace(
                experiment,
                network_options=network_options,
                session_options=session_options,
                pretrain=0,
            )
        values = {
            name: value
            for name, value in experiment.values.items()
            if name in ("lr", "freeze_depth")
        }
        objective = TARGET_STATISTICS if row == TARGET_STATISTICS else SOURCE_ONLY
        baseline = replace(experiment, objective=objective, values=values, pretrain=None)
        return replace(baseline, pair=pair.target_only()) if row == CEILING else baseline


@dataclass(frozen=True)
class Began:
    """A row starts with this seed, on this network and device, at this freeze depth and learning rate."""

    row: str
    seed: int
    network: str
    device: str
    freeze_depth: int
    lr: float


@dataclass(frozen=True)
class Judged:
    """A row ended with this seed: its accuracies (0..1) by name, and the seconds of its training."""

    row: str
    seed: int
    numbers: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Omitted:
    """A row that this pair cannot have, and why."""

    row: str
    why: str


def compare(
    comparison: Comparison, watch: Watch | None = None
) -> Iterator[Began | Stepped | Judged | Omitted]:
    """Train every row with every seed and yield what happens. The last step's weights are evaluated; none are selected.

    watch: a function that trains the method's first session and yields its facts, for instance to record them.
    Errors: ValueError for an unknown pair, objective or setting; FloatingPointError for a run that diverges.
    """
    experiment, first = comparison.experiment, comparison.seeds[0]
    for seed in comparison.seeds:
        pair = load_pair(str(experiment.pair), seed=seed, **experiment.pair_options)
        for row in comparison.rows:
            why = why_not(row, comparison.run(SOURCE_ONLY, pair, seed))
            if why is None:
                watched = watch if (row, seed) == (comparison.method, first) else None
                yield from train(row, comparison.run(row, pair, seed), watch=watched)
            elif seed == first:
                yield Omitted(row, why)


def why_not(row: str, baseline: Experiment) -> str | None:
    """Return why a row is impossible, or None; `baseline` is source-only's experiment on the pair."""
    pair = baseline.pair
    assert not isinstance(pair, str)  # noqa: S101 - a row's pair is loaded
    if row == CEILING and pair.target.y is None:
        return "the target's training examples have no labels"
    if row == CEILING and pair.target_test is None:
        return "no target examples are held out to judge it"
    if row == TARGET_STATISTICS and baseline.session_options.get("batchnorm") == "source":
        return "batchnorm is 'source'"
    if row == TARGET_STATISTICS and not has_batchnorm(network := baseline.network_for(pair)):
        return f"{network.name} has no BatchNorm"
    return None


def train(
    row: str, experiment: Experiment, *, watch: Watch | None = None
) -> Iterator[Began | Stepped | Judged]:
    """Run one row with one seed: pretrain its network if the experiment says so, train it, evaluate it."""
    session = experiment.build()
    yield Began(
        row,
        experiment.seed,
        session.network.name,
        str(session.device),
        freeze_depth=session.values["freeze_depth"],
        lr=session.values["lr"],
    )
    start = time.perf_counter()
    yield from (fact for fact in (watch or iter)(session) if isinstance(fact, Stepped))
    if session.error is not None:
        raise session.error
    seconds = time.perf_counter() - start
    yield Judged(row, experiment.seed, session.evaluate(), seconds)


@dataclass(frozen=True)
class Spread:
    """Values over the seeds, their mean and their sample standard deviation (ddof 1; None for one seed)."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        return statistics.stdev(self.values) if len(self.values) > 1 else None


def spreads(judged: Iterable[Judged]) -> dict[str, dict[str, Spread]]:
    """Return the spread over the seeds by row and number; seconds are a number too.

    The ceiling has no source accuracy: it trains on the target.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for one in judged:
        for name, value in {**one.numbers, "seconds": one.seconds}.items():
            if not (one.row == CEILING and name.startswith("source_")):
                found.setdefault(one.row, {}).setdefault(name, []).append(value)
    return {
        row: {name: Spread(tuple(values)) for name, values in numbers.items()}
        for row, numbers in found.items()
    }


def judged_by(judged: Iterable[Judged]) -> str:
    """Return the name of the number by which methods are compared: the target's accuracy, or its AP where there are boxes."""
    names = (name for one in judged for name in one.numbers)
    return next((name for name in names if name.startswith("target_")), JUDGED_BY)


def gain_of(comparison: Comparison, judged: Iterable[Judged]) -> Gain | None:
    """Return the method's target accuracy (or AP) minus that of source-only, which never sees a target image, paired by seed.

    None if the method is source-only itself, the target has no labels to judge by, or no seed has finished both rows.
    """
    judged = list(judged)
    name = judged_by(judged)
    scores: dict[str, dict[int, float]] = {SOURCE_ONLY: {}, comparison.method: {}}
    for one in judged:
        if one.row in scores and name in one.numbers:
            scores[one.row][one.seed] = one.numbers[name]
    method, reference = scores[comparison.method], scores[SOURCE_ONLY]
    if comparison.method == SOURCE_ONLY or not method.keys() & reference.keys():
        return None
    return paired_gain(method, reference)
