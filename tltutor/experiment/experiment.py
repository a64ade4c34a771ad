"""The one record of a run: board, link, command line, comparison, sweep and benchmark all hold an Experiment."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tltutor.domains import DomainPair, load_pair
from tltutor.experiment.pretrained import Key, PretrainedCache
from tltutor.networks import PUBLISHED, Network, build_network, network_record
from tltutor.objectives import OBJECTIVES, Objective, build_objective
from tltutor.projections import Inputs, Projection, build_projection
from tltutor.settings import check_name
from tltutor.training.options import STEPS
from tltutor.training.pretraining import METHOD_OPTIONS, pretraining_session
from tltutor.training.session import Session

SOURCE_ONLY = "source-only"
LIVE_OF_SESSION = (
    "weight",
    "freeze_depth",
    "lr",
)  # live settings of the session, not of the objective

AUTO = {  # the network "auto", by the kind of examples
    "image": "lenet",
    "boxes": "tiny-detector",
    "vector": "mlp",
    "tokens": "bert",
}

_pretrained = PretrainedCache()


@dataclass(frozen=True)
class Experiment:
    """The complete description of one run, so that the same session can be built again.

    pair, objective, network, projection: names, or your own objects. The network "auto" is lenet for images, tiny-detector for
    images with boxes, mlp for vectors and bert for tokens; options of the others are ignored.
    pair_options, network_options, session_options: keyword arguments of `load_pair`, `build_network` and `Session`.
    values: settings of the objective, lambda ("weight"), learning rate ("lr") and freeze depth, as set by sliders or flags.
    Learning rate and freeze depth that are given neither there nor in session_options are the network's own
    (`Network.defaults`).
    map_values: the projection's settings. pretrain: steps of pretraining before the method's own; None: as many as the run
    has if the method needs pretraining (`Objective.pretrained_by`), else 0.
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
        """Name of the objective that pretrains the network; "" for none, or if trained weights are passed in."""
        objective = self.objective
        found = (
            OBJECTIVES[check_name(objective, OBJECTIVES, what="objective")]
            if isinstance(objective, str)
            else objective
        )
        if self.pretrain is not None:
            return (found.pretrained_by or SOURCE_ONLY) if self.pretrain else ""
        weights = self.network_options.get("weights")
        trained = isinstance(self.network, Network) or weights not in (None, *PUBLISHED)
        return "" if trained else found.pretrained_by

    @property
    def pretraining_steps(self) -> int:
        """Number of pretraining steps."""
        if not self.pretrained_by:
            return 0
        return self.steps if self.pretrain is None else self.pretrain

    @property
    def steps(self) -> int:
        """Number of the method's own steps."""
        return int(self.session_options.get("steps", STEPS.default))

    @property
    def is_ready(self) -> bool:
        """True if `build` returns at once; otherwise it pretrains a network first."""
        return not self.pretrained_by or self._key() in _pretrained

    def prepare(
        self,
        on_step: Callable[[int, int], None] = lambda *_: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Pretrain the network unless that was done before; return False when stopped.

        on_step(done, all) is called after each step; stopped() is called before each step.
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
        """Return everything that the pretrained network depends on."""
        pair = self.pair if isinstance(self.pair, str) else str(id(self.pair))
        options = {
            name: value
            for name, value in self.session_options.items()
            if name not in METHOD_OPTIONS
        }
        made_of = (
            self.network,
            self.seed,
            self.pair_options,
            self.network_options,
            options,
            self.pretraining_steps,
        )
        return pair, self.pretrained_by, *map(repr, made_of)

    # --- building it

    def build(self, *, trained: bool = True) -> Session:
        """Return a new session at step 0. It trains a copy of a network that was passed in.

        A method that needs pretraining starts with a pretrained network, or with an untrained one if not `trained`.
        Errors: ValueError or TypeError for unknown names and settings; those of training, from pretraining.
        """
        if trained:
            self.prepare()
        pair = self._pair()
        network = self._start(pair) if trained else self.network_for(pair)
        shared = {name: self.values[name] for name in LIVE_OF_SESSION if name in self.values}
        return Session(
            pair, network, self._objective(), seed=self.seed, **{**self.session_options, **shared}
        )

    def _pair(self) -> DomainPair:
        return (
            load_pair(self.pair, seed=self.seed, **self.pair_options)
            if isinstance(self.pair, str)
            else self.pair
        )

    def _objective(self) -> Objective:
        """Return a new objective with its own values."""
        if isinstance(self.objective, str):
            own = {
                s.name
                for s in OBJECTIVES[
                    check_name(self.objective, OBJECTIVES, what="objective")
                ].settings
            }
            return build_objective(
                self.objective, **{n: v for n, v in self.values.items() if n in own}
            )
        objective = copy.deepcopy(self.objective)
        for setting in objective.settings:
            if setting.name in self.values:
                setattr(objective, setting.name, setting.check(self.values[setting.name]))
        return objective

    def _start(self, pair: DomainPair) -> Network:
        pretrained = _pretrained.get(self._key()) if self.pretrained_by else None
        return pretrained or self.network_for(pair)

    def network_for(self, pair: DomainPair) -> Network:
        """Return a new network for this pair without pretraining, or a copy of the one that was passed in."""
        if isinstance(self.network, Network):
            return copy.deepcopy(self.network)
        name, options = self.network, dict(self.network_options)
        if name == "auto":
            name = AUTO["boxes" if pair.has_boxes else pair.kind]
            others = set[str]().union(*map(_option_names, AUTO.values()))
            options = {n: v for n, v in options.items() if n not in others - _option_names(name)}
        return build_network(name, pair, seed=self.seed, **options)

    def layout(self, session: Session) -> Projection | Inputs:
        """Return a new projection of the session's points with this experiment's map settings."""
        if self.projection == Inputs.name:
            return Inputs(session.snapshot_points.x)
        return build_projection(
            self.projection, seed=self.seed, device=session.device, **self.map_values
        )

    def with_choice(self, what: str, value: Any) -> Experiment:
        """Return the experiment with another pair, objective, projection or seed.

        Settings that belong to the old choice are dropped. Errors: ValueError for another `what`.
        """
        if what == "pair":
            values = {name: old for name, old in self.values.items() if name != "freeze_depth"}
            projection = (
                "tsne" if self.projection == Inputs.name else self.projection
            )  # the new inputs may not be 2-D
            return replace(self, pair=value, pair_options={}, values=values, projection=projection)
        if what == "objective":
            return replace(
                self,
                objective=value,
                values={n: self.values[n] for n in ("freeze_depth", "lr") if n in self.values},
            )
        if what == "projection":
            return replace(self, projection=value, map_values={})
        return replace(self, **{check_name(what, ("seed",), what="choice"): value})


def _option_names(network: str) -> set[str]:
    return {option.name for option in network_record(network).options}


def train(
    session: Session, on_step: Callable[[int, int], None], stopped: Callable[[], bool]
) -> bool:
    """Run a session to its end; return False when stopped. Raise the error of a run that failed.

    on_step(done, all) is called after each step; stopped() is called before each step.
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
