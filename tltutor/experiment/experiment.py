"""The one record of a run: board, link, command line, comparison, sweep and benchmark all hold an Experiment."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tltutor.domains import DomainPair, load_pair
from tltutor.experiment.pretrained import Key, PretrainedCache
from tltutor.networks import NETWORKS, Network, build_network
from tltutor.objectives import OBJECTIVES, Objective, build_objective
from tltutor.projections import Inputs, Projection, build_projection
from tltutor.settings import check_name
from tltutor.training.options import STEPS
from tltutor.training.pretraining import METHOD_OPTIONS, pretraining_session
from tltutor.training.session import Session

SOURCE_ONLY = "source-only"
LIVE_OF_SESSION = ("weight", "freeze_depth", "lr")  # the values that are the session's, not the objective's

_pretrained = PretrainedCache()


@dataclass(frozen=True)
class Experiment:
    """All that says which run it is, so that the same session can be built again.

    pair, objective, network, projection: names, or objects of your own. The network "auto" is lenet for images and mlp for
    vectors; options of the other one are passed over.
    pair_options, network_options, session_options: keyword arguments of `load_pair`, `build_network` and `Session`.
    values: settings of the objective, lambda ("weight"), learning rate ("lr") and freeze depth, as sliders or flags say.
    map_values: the projection's settings. pretrain: steps of pretraining before the method's own; None: as many as the run
    has where the method comes after another (`Objective.pretrained_by`), else none.
    """

    pair: str | DomainPair
    objective: str | Objective
    network: str | Network = "auto"
    projection: str | type[Projection] = "tsne"
    seed: int = 0
    pair_options: Mapping[str, Any] = field(default_factory=dict)
    network_options: Mapping[str, Any] = field(default_factory=dict)
    session_options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    map_values: Mapping[str, Any] = field(default_factory=dict)
    pretrain: int | None = None

    # --- what comes before the method

    @property
    def pretrained_by(self) -> str:
        """The objective that trains the network first; "" where none does, or where trained weights are passed in."""
        objective = self.objective
        found = OBJECTIVES[check_name(objective, OBJECTIVES, what="objective")] if isinstance(objective, str) else objective
        if self.pretrain is not None:
            return (found.pretrained_by or SOURCE_ONLY) if self.pretrain else ""
        trained = isinstance(self.network, Network) or self.network_options.get("weights") not in (None, "imagenet")
        return "" if trained else found.pretrained_by

    @property
    def pretraining_steps(self) -> int:
        """How many steps the network is trained for before the method's own."""
        if not self.pretrained_by:
            return 0
        return self.steps if self.pretrain is None else self.pretrain

    @property
    def steps(self) -> int:
        """How many steps the run has."""
        return int(self.session_options.get("steps", STEPS.default))

    @property
    def is_ready(self) -> bool:
        """Whether `build` returns at once; else a network is pretrained first."""
        return not self.pretrained_by or self._key() in _pretrained

    def prepare(self, on_step: Callable[[int, int], None] = lambda *_: None, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Pretrain the network, unless that was done before; False when stopped.

        on_step(done, all) hears how far it is; stopped() is asked before each step.
        """
        if self.is_ready:
            return True
        pair = self._pair()
        options = {**self.session_options, "steps": self.pretraining_steps, "seed": self.seed}
        session = pretraining_session(pair, self.network_for(pair), self.pretrained_by, **options)
        if not train(session, on_step, stopped):
            return False
        _pretrained.put(self._key(), session.network, self.pair)
        return True

    def _key(self) -> Key:
        """All that the pretrained network depends on."""
        pair = self.pair if isinstance(self.pair, str) else str(id(self.pair))
        options = {name: value for name, value in self.session_options.items() if name not in METHOD_OPTIONS}
        made_of = (self.network, self.seed, self.pair_options, self.network_options, options, self.pretraining_steps)
        return pair, self.pretrained_by, *map(repr, made_of)

    # --- building it

    def build(self, *, trained: bool = True) -> Session:
        """A new session at step 0; a network that was passed in stays as it is, its copy is trained.

        A method that comes after another begins with a pretrained network, or with an untrained one if not `trained`.
        """
        if trained:
            self.prepare()
        pair = self._pair()
        network = self._start(pair) if trained else self.network_for(pair)
        shared = {name: self.values[name] for name in LIVE_OF_SESSION if name in self.values}
        return Session(pair, network, self._objective(), seed=self.seed, **{**self.session_options, **shared})

    def _pair(self) -> DomainPair:
        return load_pair(self.pair, seed=self.seed, **self.pair_options) if isinstance(self.pair, str) else self.pair

    def _objective(self) -> Objective:
        """A new objective with the values that are its own."""
        if isinstance(self.objective, str):
            own = {s.name for s in OBJECTIVES[check_name(self.objective, OBJECTIVES, what="objective")].settings}
            return build_objective(self.objective, **{n: v for n, v in self.values.items() if n in own})
        objective = copy.deepcopy(self.objective)
        for setting in objective.settings:
            if setting.name in self.values:
                setattr(objective, setting.name, setting.check(self.values[setting.name]))
        return objective

    def _start(self, pair: DomainPair) -> Network:
        kept = _pretrained.get(self._key()) if self.pretrained_by else None
        return kept or self.network_for(pair)

    def network_for(self, pair: DomainPair) -> Network:
        """A new network for this pair, not pretrained; a copy of one that was passed in."""
        if isinstance(self.network, Network):
            return copy.deepcopy(self.network)
        name, options = self.network, dict(self.network_options)
        if name == "auto":
            name, other = ("lenet", "mlp") if pair.source.is_image else ("mlp", "lenet")
            options = {n: v for n, v in options.items() if n not in _option_names(other) - _option_names(name)}
        return build_network(name, pair, seed=self.seed, **options)

    def layout(self, session: Session) -> Projection | Inputs:
        """A new projection of the session's points, with the map's sliders where they are."""
        if self.projection == Inputs.name:
            return Inputs(session.snapshot_points.x)
        return build_projection(self.projection, seed=self.seed, device=session.device, **self.map_values)

    def with_choice(self, what: str, value: Any) -> Experiment:
        """The experiment with another pair, objective, projection or seed; another objective brings its own settings."""
        if what == "pair":
            values = {name: kept for name, kept in self.values.items() if name != "freeze_depth"}
            projection = "tsne" if self.projection == Inputs.name else self.projection  # the new inputs may not be 2-D
            return replace(self, pair=value, pair_options={}, values=values, projection=projection)
        if what == "objective":
            return replace(self, objective=value, values={n: self.values[n] for n in ("freeze_depth", "lr") if n in self.values})
        if what == "projection":
            return replace(self, projection=value, map_values={})
        return replace(self, **{check_name(what, ("seed",), what="choice"): value})


def _option_names(network: str) -> set[str]:
    return {option.name for option in NETWORKS[network].options}


def train(session: Session, on_step: Callable[[int, int], None], stopped: Callable[[], bool]) -> bool:
    """Run a session to its end; False when stopped, which is asked before each step. A run that failed raises its error.

    on_step(done, all) hears how far it is.
    """
    while not session.done:
        if stopped():
            return False
        session.step()
        on_step(session.step_number, session.steps)
    session.flush()
    if session.error is not None:
        raise session.error
    return True
