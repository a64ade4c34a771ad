"""Networks that a method goes on from: trained by what it comes after, and kept for when the same is asked for again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tltutor.networks import Network
from tltutor.objectives import OBJECTIVES
from tltutor.session import OF_THE_METHOD
from tltutor.settings import check_name

if TYPE_CHECKING:
    from tltutor.experiment.experiment import Experiment
    from tltutor.session import Session

MOST = 4  # networks that are kept
Key = tuple[str, ...]
_kept: dict[Key, tuple[Network, Any]] = {}  # beside the network its pair, so that no other pair gets the same id


def comes_after(experiment: Experiment) -> str:
    """The objective that the experiment's network is trained with first; none where a trained network is passed in."""
    objective = experiment.objective
    after = OBJECTIVES[check_name(objective, OBJECTIVES, what="objective")].after if isinstance(objective, str) else objective.after
    is_trained = isinstance(experiment.network, Network) or experiment.network_options.get("weights") not in (None, "imagenet")
    return "" if is_trained else after


def is_ready(experiment: Experiment) -> bool:
    """Whether nothing is left to be trained before the experiment's first step."""
    return not comes_after(experiment) or _key(experiment) in _kept


def kept(experiment: Experiment) -> Network:
    """A copy of the network that `train` made for the experiment."""
    return copy.deepcopy(_kept[_key(experiment)][0])


def train(experiment: Experiment, session: Session, on_step: Callable[[int, int], None], stopped: Callable[[], bool]) -> bool:
    """Run a session that trains the experiment's start, and keep its network; False when stopped.

    on_step(done, all) hears how far it is; stopped() is asked before each step.
    """
    while not session.done:
        if stopped():
            return False
        session.step()
        on_step(session.step_number, session.steps)
    session.flush()
    if session.error is not None:
        raise session.error
    while len(_kept) >= MOST:
        _kept.pop(next(iter(_kept)))
    _kept[_key(experiment)] = session.network, experiment.pair
    return True


def _key(experiment: Experiment) -> Key:
    """All that the trained network depends on."""
    pair = experiment.pair if isinstance(experiment.pair, str) else str(id(experiment.pair))
    options = {name: value for name, value in experiment.session_options.items() if name not in OF_THE_METHOD}
    made_of = (experiment.network, experiment.seed, experiment.pair_options, experiment.network_options, options)
    return pair, comes_after(experiment), *map(repr, made_of)
