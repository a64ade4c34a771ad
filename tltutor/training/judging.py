"""What label-free judges say at a look, of the points of the map; no label of the target reaches them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tltutor.events import JUDGE
from tltutor.metrics.judges import JUDGES, cross_weights, mixed_inputs

if TYPE_CHECKING:
    from tltutor.metrics.score import Score
    from tltutor.training.session import Session

Sides = tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]

MIXED = (2, 4)  # axes of vectors and images: a mix of two texts is no text
MOST_MIXED = 128  # points: each mix takes the network another look


def judge_numbers(session: Session, x: Tensor, sides: Sides) -> dict[str, float]:
    """Return the score of each judge for which a look knows enough, by "judge NAME"; more is better.

    x: the map's points (n, ...), source first; sides: features and logits of the source's and of the target's. Judges that
    need source examples are left out where the pair holds none out: on trained ones they flatter. Reverse validation, which
    trains a second model, is always left out, and so is a judge that has no finite score.
    """
    (fs, zs), (ft, zt) = sides
    if not all(bool(part.isfinite().all()) for part in (fs, zs, ft, zt)):
        return {}
    points = session.snapshot_points
    evidence: dict[str, Any] = {"target_probabilities": _probabilities(zt)}
    if session.pair.source_test is not None:
        with warnings.catch_warnings():  # weights that collapse would be told at every look
            warnings.simplefilter("ignore", UserWarning)
            weights = cross_weights(fs.cpu(), ft.cpu())
        evidence |= {
            "source_probabilities": _probabilities(zs),
            "source_labels": points.labels[~points.is_target],
            "weights": weights,
        }
    mixed: dict[str, Any] = {}
    if x.ndim in MIXED and not session.pair.has_boxes:
        mixed = _mixed(session, x[torch.from_numpy(points.is_target).to(x.device)], zt)
    scores = {name: _score(judge, evidence, mixed) for name, judge in JUDGES.items()}
    return {f"{JUDGE}{name}": s for name, s in scores.items() if s is not None and np.isfinite(s)}


def _score(judge: Score, *known: dict[str, Any]) -> float | None:
    """Return the score by the first evidence that is enough for it; None where none is, or none gives one."""
    for evidence in known:
        if set(judge.needs) <= evidence.keys():
            try:
                return judge(evidence)
            except ValueError:  # such as weights that are all 0
                return None
    return None


def _probabilities(z: Tensor) -> np.ndarray:
    p: np.ndarray = torch.softmax(z.double(), 1).cpu().numpy()
    return p


def _mixed(session: Session, x: Tensor, z: Tensor) -> dict[str, Any]:
    """Return the answers to some target points and to mixes of two of them, always the same two, so that looks compare.

    x: the target's points (m, ...), z: their logits (m, k).
    """
    x, z = x[:MOST_MIXED], z[:MOST_MIXED]
    partners = np.random.default_rng(session.seed).permutation(len(x))
    inputs = x.float() / 255 if x.dtype == torch.uint8 else x
    _, mixed = session.outputs(mixed_inputs(inputs, partners), "target")
    return {
        "target_probabilities": _probabilities(z),
        "mixed_probabilities": _probabilities(mixed),
        "mixing_partners": partners,
    }
