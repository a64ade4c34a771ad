"""The complete description of a sweep: what is tried, how it is searched, and by which judge the choice is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import tltutor
from tltutor.domains import DomainPair, load_pair
from tltutor.evaluation.evidence import NAMES, VALIDATION
from tltutor.evaluation.sweep.space import Axis, axes_of, points_of
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import LIVE_OF_SESSION
from tltutor.metrics.judges import JUDGES
from tltutor.objectives import find_objective
from tltutor.settings import check_name

FORMAT = 2  # of the sweep's files; a change of what they hold raises it
SEARCHES = ("grid", "random", "tpe")
USABLE = tuple(name for name, judge in JUDGES.items() if set(judge.needs) <= set(NAMES))
REVERSE = "reverse"  # is asked only where it chooses: it costs a second training of each run
CHOOSERS = (*USABLE, REVERSE)
TRIALS = 20  # settings of each objective that a random search or TPE tries


@dataclass(frozen=True)
class Search:
    """How settings are found. trials: of each objective, for random and TPE; seed: of their draws, not of the runs.

    prune: leave out a setting's other seeds once its first ones are worse than the best setting's, pair by pair.
    """

    name: str = "grid"
    trials: int = TRIALS
    seed: int = 0
    prune: bool = False

    def __post_init__(self) -> None:
        check_name(self.name, SEARCHES, what="search")
        if isinstance(self.trials, bool) or self.trials not in range(1, 1_000_000):
            raise ValueError(
                f"trials must be a whole number from 1 on, got {self.trials!r}: {TRIALS} is usual"
            )


@dataclass(frozen=True)
class Plan:
    """A sweep as it was asked for.

    experiment: pair, network and options of every run. axes: for each objective its settings' values. choose: a judge.
    validation: share of the source that is held out for the judges.
    """

    experiment: Experiment
    axes: Mapping[str, Mapping[str, Axis]]
    seeds: tuple[int, ...]
    choose: str = "iwcv"
    search: Search = Search()
    validation: float = VALIDATION

    @property
    def objectives(self) -> tuple[str, ...]:
        """The names of the methods."""
        return tuple(self.axes)

    @property
    def pair_name(self) -> str:
        pair = self.experiment.pair
        return pair if isinstance(pair, str) else pair.name

    @property
    def judges(self) -> tuple[str, ...]:
        """The names of the judges that score every run."""
        return CHOOSERS if self.choose == REVERSE else USABLE

    def points(self, objective: str) -> list[dict[str, Any]]:
        """Return the settings that a grid search tries."""
        return points_of(self.axes[objective])

    def trials_of(self, objective: str) -> int:
        """Return how many settings of this objective the search tries."""
        return len(self.points(objective)) if self.search.name == "grid" else self.search.trials

    def run(self, objective: str, setting: Mapping[str, Any], seed: int) -> Experiment:
        """Return the experiment of one setting and seed."""
        own = {s.name for s in find_objective(objective).settings} | set(LIVE_OF_SESSION)
        values = {name: value for name, value in setting.items() if name in own}
        options = {name: value for name, value in setting.items() if name not in own}
        return replace(
            self.experiment,
            objective=objective,
            seed=seed,
            values=values,
            session_options={**self.experiment.session_options, **options},
        )

    def about(self) -> dict[str, Any]:
        """Return all that two parts of one sweep must have in common, as plain values."""
        experiment, search = self.experiment, self.search
        options = {n: v for n, v in experiment.pair_options.items() if n != "data_dir"}
        session = {n: v for n, v in experiment.session_options.items() if n != "device"}
        about = {
            "format": FORMAT,
            "tltutor": tltutor.__version__,
            "pair": self.pair_name,
            "data": "" if isinstance(experiment.pair, str) else fingerprint(experiment.pair),
            "options": options,
            "network": str(getattr(experiment.network, "name", experiment.network)),
            "network_options": dict(experiment.network_options),
            "session": session,
            "pretrain": experiment.pretrain,
            "seeds": list(self.seeds),
            "validation": self.validation,
            "search": search.name,
            "pruning": search.prune,
        }
        if search.name != "grid":
            about["search_seed"] = search.seed
        if search.name == "tpe":
            about["grid"] = self.grid()
        if search.name == "tpe" or search.prune:  # the judge decided what was tried
            about["judge"] = self.choose
        if self.choose == REVERSE:
            about["second training"] = True
        plain: dict[str, Any] = json.loads(json.dumps(about))
        return plain

    def grid(self) -> dict[str, dict[str, Any]]:
        """Return the axes of each objective as plain values."""
        return {
            objective: {name: axis.as_json() for name, axis in axes.items()}
            for objective, axes in self.axes.items()
        }


def plan_of(
    experiment: Experiment,
    objectives: str | Iterable[str],
    grid: str | Mapping[str, Any],
    *,
    seeds: int | Iterable[int] = 5,
    choose: str = "iwcv",
    search: Search | None = None,
    validation: float = VALIDATION,
) -> Plan:
    """Check what a sweep is asked for and return its plan; see `tltutor.evaluation.sweep.sweep` for the arguments.

    The experiment's own objective is not used. Errors: ValueError or TypeError, in one sentence, before anything is trained.
    """
    names = objectives.split(",") if isinstance(objectives, str) else list(objectives)
    names = [find_objective(str(name).strip()).name for name in names]
    if not names:
        raise ValueError("a sweep needs an objective, got none: name one, such as 'dann'")
    numbers = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(
            f"a sweep needs at least one seed, and each once, got {seeds!r}: 5 is usual"
        )
    if not 0 < validation < 1:
        raise ValueError(f"validation must be between 0 and 1, got {validation}: .2 is usual")
    check_name(choose, CHOOSERS, what="judge")
    pair = experiment.pair
    loaded = (
        load_pair(pair, seed=numbers[0], **experiment.pair_options)
        if isinstance(pair, str)
        else pair
    )
    axes = axes_of(grid, dict.fromkeys(names), experiment.network_for(loaded))
    plan = Plan(experiment, axes, numbers, choose, search or Search(), validation)
    if plan.search.name == "grid":
        for name in plan.objectives:
            plan.points(name)
    return plan


@lru_cache(maxsize=1)
def fingerprint(pair: DomainPair) -> str:
    """Return a hash of what training and choice see of a pair's data: no label of the target."""
    found = hashlib.sha256()
    for array in (pair.source.x, pair.source.y, pair.target.x):
        found.update(repr((array.shape, str(array.dtype))).encode() if array is not None else b"")
        found.update(array.tobytes() if array is not None else b"")
    return found.hexdigest()[:16]
