"""What the board's strip says of a session's network: plain values, made once a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tltutor.networks.batchnorm import has_batchnorm
from tltutor.objectives.objective import BRANCH_OF

if TYPE_CHECKING:
    from tltutor.events import Flow
    from tltutor.training.session import Session


def stages(session: Session) -> list[dict[str, Any]]:
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


def about(session: Session) -> dict[str, Any]:
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


def flow_of(flow: Flow | None) -> list[dict[str, float | None]]:
    """Return a flow's numbers at each stage, in their order: gradient norms, the cosine between both, how far domains lie apart."""
    if flow is None:
        return []
    return [
        {
            "task": _plain(pull.task),
            "transfer": _plain(pull.transfer),
            "cosine": _plain(pull.cosine),
            "apart": _plain(flow.separation.get(pull.part, math.nan)),
        }
        for pull in flow.pulls
        if pull.kind == "stage"
    ]


def _plain(value: float) -> float | None:
    """The number, None where it is none: a page knows no NaN."""
    return value if math.isfinite(value) else None


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
