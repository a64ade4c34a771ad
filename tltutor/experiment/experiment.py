"""What run it is: pair, objective, network, projection, seed and every option, from which the same session is built again."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tltutor.domains import DomainPair, load_pair
from tltutor.experiment.pretrained import Key, PretrainedCache
from tltutor.networks import Network, build_network
from tltutor.objectives import OBJECTIVES, Objective, build_objective
from tltutor.projections import Inputs, Projection, build_projection
from tltutor.settings import check_name
from tltutor.training.pretraining import METHOD_OPTIONS, pretraining_session
from tltutor.training.session import Session

_pretrained = PretrainedCache()


@dataclass(frozen=True)
class Experiment:
    """All that says which run it is; a reset builds it anew, with the sliders where they are."""

    pair: str | DomainPair
    objective: str | Objective
    network: str | Network
    projection: str | type[Projection]
    seed: int
    pair_options: Mapping[str, Any] = field(default_factory=dict)
    network_options: Mapping[str, Any] = field(default_factory=dict)
    session_options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)  # what the sliders say
    map_values: Mapping[str, Any] = field(default_factory=dict)  # what the map's sliders say

    @property
    def is_ready(self) -> bool:
        """Whether `build` gives its session at once, or a network is to be trained first, for a method that comes after another."""
        return not self.comes_after or self._key() in _pretrained

    @property
    def comes_after(self) -> str:
        """The objective that trains the experiment's network first; "" where a trained network is passed in."""
        objective = self.objective
        found = OBJECTIVES[check_name(objective, OBJECTIVES, what="objective")] if isinstance(objective, str) else objective
        trained = isinstance(self.network, Network) or self.network_options.get("weights") not in (None, "imagenet")
        return "" if trained else found.pretrained_by

    def prepare(self, on_step: Callable[[int, int], None] = lambda *_: None, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Train the network that the method goes on from, unless it is passed in or was trained before; False when stopped."""
        if self.is_ready:
            return True
        pair = self._pair()
        session = pretraining_session(pair, self._network(pair), self.comes_after, seed=self.seed, **self.session_options)
        if not train(session, on_step, stopped):
            return False
        _pretrained.put(self._key(), session.network, self.pair)
        return True

    def build(self, *, trained: bool = True) -> Session:
        """A new session at step 0; a network that was passed in stays as it is, its copy is trained.

        A method that comes after another begins with a network trained by that one, for as many steps, or with an untrained
        one if not `trained`.
        """
        if trained:
            self.prepare()
        pair = self._pair()
        objective = build_objective(self.objective) if isinstance(self.objective, str) else copy.deepcopy(self.objective)
        for name in {s.name for s in objective.settings} & set(self.values):
            setattr(objective, name, self.values[name])
        shared = {n: v for n, v in self.values.items() if n in ("weight", "freeze_depth", "lr")}
        options = {**self.session_options, **shared}
        return Session(pair, self._start(pair) if trained else self._network(pair), objective, seed=self.seed, **options)

    def _pair(self) -> DomainPair:
        return load_pair(self.pair, seed=self.seed, **self.pair_options) if isinstance(self.pair, str) else self.pair

    def _start(self, pair: DomainPair) -> Network:
        kept = _pretrained.get(self._key()) if self.comes_after else None
        return kept or self._network(pair)

    def _key(self) -> Key:
        """All that the pretrained network depends on."""
        pair = self.pair if isinstance(self.pair, str) else str(id(self.pair))
        options = {name: value for name, value in self.session_options.items() if name not in METHOD_OPTIONS}
        made_of = (self.network, self.seed, self.pair_options, self.network_options, options)
        return pair, self.comes_after, *map(repr, made_of)

    def _network(self, pair: DomainPair) -> Network:
        if isinstance(self.network, Network):
            return copy.deepcopy(self.network)
        if not pair.source.is_image:
            return build_network("mlp", pair, seed=self.seed)
        return build_network(self.network, pair, seed=self.seed, **self.network_options)

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
