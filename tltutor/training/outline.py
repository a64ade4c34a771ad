"""The outline of a session's network: its stages and what the method puts around them, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tltutor.networks.batchnorm import has_batchnorm
from tltutor.objectives.objective import BRANCH_OF

if TYPE_CHECKING:
    from tltutor.training.session import Session


def outline(session: Session) -> dict[str, Any]:
    """Return {"stages", "around"} of a session: what a board's strip draws; see `NetworkView`."""
    return {"stages": _stages(session), "around": _around(session)}


def _stages(session: Session) -> list[dict[str, Any]]:
    """Return each stage's name, output shape without the batch, number of parameters, and whether it has BatchNorm."""
    shapes = _shapes(session)
    return [
        {
            "name": name,
            "shape": shapes[name],
            "parameters": sum(p.numel() for p in stage.parameters()),
            "batchnorm": has_batchnorm(stage),
        }
        for name, stage in session.network.stages.items()
    ]


def _around(session: Session) -> dict[str, Any]:
    """Return what stands around the stages; see `NetworkView`."""
    network, objective = session.network, session.objective
    terms = [term for term in objective.terms if term != "task"]
    return {
        "features": network.feature_width,
        "classes": len(network.class_names),
        "branch": objective.branch or BRANCH_OF[objective.family],
        "term": terms[0] if terms else "",
        "owner": session.batchnorm if has_batchnorm(network) else "",
    }


def _shapes(session: Session) -> dict[str, list[int]]:
    """The shape of each stage's output for one example; the network stays as it was."""
    network, h = session.network, dict[str, Tensor]()
    x = torch.as_tensor(session.snapshot_points.x[:1]).to(session.device)
    trains = network.training
    network.eval()
    with torch.no_grad():
        network(x, h)
    network.train(trains)
    return {name: list(out.shape[1:]) for name, out in h.items()}
