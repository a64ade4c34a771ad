"""The run before the run: some methods go on from a network that another objective has trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tltutor.objectives import build_objective
from tltutor.training.session import Session

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

METHOD_OPTIONS = frozenset(
    {"weight", "freeze_depth", "target_order", "snapshot_every", "changes"}
)  # the method's alone, not its pretraining's


def pretraining_session(
    pair: DomainPair, network: Network, objective: str, **options: Any
) -> Session:
    """Build the session that trains a network, in place, with the objective of this name (`Objective.pretrained_by`).

    options: the method's own session options; its weight, frozen stages, snapshots and changes are left out, so that this
    session begins at the network's own freeze depth.
    """
    shared = {name: value for name, value in options.items() if name not in METHOD_OPTIONS}
    return Session(pair, network, build_objective(objective), **shared)
