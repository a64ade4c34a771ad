"""One comparison: source-only, a method and target-only on the same pairs, networks and batches, over seeds; it prints nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tltutor.domains import load_pair
from tltutor.events import Fact, Stepped
from tltutor.networks import build_network
from tltutor.networks.batchnorm import has_batchnorm
from tltutor.objectives import build_objective, find_objective
from tltutor.training.pretraining import pretraining_session
from tltutor.training.session import Session

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network
    from tltutor.objectives import Objective

SOURCE_ONLY, TARGET_STATISTICS = "source-only", "source-only-target-bn"  # two baselines, both objectives
SCRATCH, CEILING = "from-scratch", "target-only"
LABELED_ALONE = frozenset({"labeled"})  # what fine-tuning uses
Watch: TypeAlias = Callable[[Session], Iterator[Fact]]


@dataclass(frozen=True)
class Recipe:
    """What is compared: `pair` with its `options`, `objective` with its `settings`, and a session's keyword arguments."""

    pair: str
    objective: str
    seeds: tuple[int, ...]
    steps: int
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    session: Mapping[str, Any] = field(default_factory=dict)  # all options but steps
    weight: float | None = None
    network: str | None = None
    network_options: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None
    data_dir: str | None = None
    pretrain: int | None = None  # steps of what the method goes on from; None: as many as the run's, where a method names it

    @property
    def rows(self) -> tuple[str, ...]:
        """List the rows: source-only without and with the target's statistics, the method, and target-only.

        Fine-tuning that has a start gets a row without it.
        """
        objective = find_objective(self.objective)
        started = bool(self.weights or goes_on_from(self, objective))
        scratch = (SCRATCH,) if started and objective.batches == LABELED_ALONE else ()
        return tuple(dict.fromkeys((SOURCE_ONLY, TARGET_STATISTICS, self.objective, *scratch, CEILING)))


@dataclass(frozen=True)
class Began:
    """A row starts with this seed, on this network and device."""

    row: str
    seed: int
    network: str
    device: str


@dataclass(frozen=True)
class Judged:
    """A row ended with this seed: its accuracies by name, after so many seconds of training."""

    row: str
    seed: int
    numbers: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Omitted:
    """A row cannot be had for this pair, and why."""

    row: str
    why: str


def compare(recipe: Recipe, watch: Watch | None = None) -> Iterator[Began | Stepped | Judged | Omitted]:
    """Train every row with every seed and tell how it goes. The last step's weights are judged; nothing is chosen.

    watch: trains the method's first session in our place and tells its facts, for instance while it records them.
    """
    for seed in recipe.seeds:
        pair = load_pair(recipe.pair, data_dir=recipe.data_dir, seed=seed, **recipe.options)
        for row in recipe.rows:
            why = why_not(row, pair, recipe)
            if why is None:
                watched = watch if (row, seed) == (recipe.objective, recipe.seeds[0]) else None
                yield from train(recipe, row, pair, seed, watch=watched)
            elif seed == recipe.seeds[0]:
                yield Omitted(row, why)


def why_not(row: str, pair: DomainPair, recipe: Recipe) -> str | None:
    """Say why a row cannot be measured on this pair, or None."""
    if row == TARGET_STATISTICS != recipe.objective:
        return _why_no_statistics(recipe, pair)
    if row == CEILING and pair.target.y is None:
        return "the target's training examples have no labels"
    if row == CEILING and pair.target_test is None:
        return "no target examples are held out to judge it"
    return None


def _why_no_statistics(recipe: Recipe, pair: DomainPair) -> str | None:
    if recipe.session.get("batchnorm") == "source":
        return "batchnorm is 'source'"
    name = network_name(recipe, pair)
    network = build_network(name, pair, **recipe.network_options)
    return None if has_batchnorm(network) else f"{name} has no BatchNorm"


def network_name(recipe: Recipe, pair: DomainPair) -> str:
    """Name the network of a comparison: lenet for images and mlp for vectors unless it says otherwise."""
    return recipe.network or ("lenet" if pair.source.is_image else "mlp")


def train(
    recipe: Recipe, row: str, pair: DomainPair, seed: int, *, watch: Watch | None = None
) -> Iterator[Began | Stepped | Judged]:
    """One run of one row: a network drawn by the seed, its steps, its judgement."""
    name = network_name(recipe, pair)
    weights = None if row == SCRATCH else recipe.weights
    network = build_network(name, pair, seed=seed, weights=weights, **recipe.network_options)
    own: dict[str, Any] = {"weight": recipe.weight} if row in {recipe.objective, SCRATCH} else {}
    baseline = TARGET_STATISTICS if row == TARGET_STATISTICS else SOURCE_ONLY
    objective = build_objective(recipe.objective, **recipe.settings) if own else build_objective(baseline)
    seen = pair.target_only() if row == CEILING else pair
    if own and row != SCRATCH:
        prepare(recipe, objective, network, pair=pair, seed=seed)
    options = {**recipe.session, **({"freeze_depth": 0} if row == SCRATCH else {}), **own}
    session = Session(seen, network, objective, steps=recipe.steps, seed=seed, **options)
    yield Began(row, seed, name, str(session.device))
    start = time.perf_counter()
    yield from (fact for fact in (watch or iter)(session) if isinstance(fact, Stepped))
    if session.error is not None:
        raise session.error
    seconds = time.perf_counter() - start
    yield Judged(row, seed, session.evaluate(), seconds)


def prepare(recipe: Recipe, objective: Objective, network: Network, *, pair: DomainPair, seed: int) -> None:
    """Train the network with what the method goes on from."""
    before = goes_on_from(recipe, objective)
    if before:
        for _ in pretraining_session(pair, network, before, **{**recipe.session, "steps": steps_before(recipe), "seed": seed}):
            pass


def steps_before(recipe: Recipe) -> int:
    """How many steps the network is trained for before the method's own."""
    return recipe.steps if recipe.pretrain is None else recipe.pretrain


def goes_on_from(recipe: Recipe, objective: Objective | type[Objective]) -> str:
    """The objective that the method's network is trained with first; none where nothing is, or a file of weights has been."""
    if recipe.pretrain is not None:
        return (objective.pretrained_by or SOURCE_ONLY) if recipe.pretrain else ""
    return objective.pretrained_by if recipe.weights in (None, "imagenet") else ""


@dataclass(frozen=True)
class Spread:
    """Values over the seeds, their mean and their sample standard deviation (None for one seed)."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        return statistics.stdev(self.values) if len(self.values) > 1 else None


def spreads(judged: Iterable[Judged]) -> dict[str, dict[str, Spread]]:
    """row -> number -> its spread over the seeds; seconds are a number too. The ceiling's "source" is the target: left out."""
    found: dict[str, dict[str, list[float]]] = {}
    for one in judged:
        for name, value in {**one.numbers, "seconds": one.seconds}.items():
            if not (one.row == CEILING and name == "source_accuracy"):
                found.setdefault(one.row, {}).setdefault(name, []).append(value)
    return {row: {name: Spread(tuple(values)) for name, values in numbers.items()} for row, numbers in found.items()}
