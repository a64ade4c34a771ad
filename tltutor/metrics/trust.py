"""Trust: are the neighbors that a map shows of a point its neighbors in feature space? One number a point."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tltutor.metrics.neighbors import CHUNK, centered
from tltutor.projections.checks import Array, as_features

BAR = 0.9  # a point below it is faint; a random place on the map has .5 on average, a good one .99


def point_trust(features: Array, xy: Array, k: int = 10) -> np.ndarray:
    """Return the trustworthiness of each point on a map: (n,) float32, from 0 to 1, where 1 is a point without false neighbors.

    features (n, d), xy (n, 2). t_i = 1 - 2 / (k (2n - 3k - 1)) sum over j in U_i of (r(i, j) - k): U_i are those of the k
    nearest points of i on the map that are not among its k nearest in feature space, r(i, j) is the rank of j there, the
    nearest is 1. The mean over all points is the trustworthiness of the map (Venna & Kaski, 2001, eq. 1). Equally far
    points share the lowest rank. Raises ValueError unless there is one place a point and 1 <= k < n / 2.
    """
    x, y = centered(features), as_features(xy, "xy").cpu().double()
    n = len(x)
    if len(y) != n:
        raise ValueError(f"xy must have one row per point, got {len(y)} for {n}: take one frame's")
    if not 1 <= k < n / 2:
        raise ValueError(
            f"k must be at least 1 and below half of the {n} points, got {k}: draw more points"
        )
    excess = torch.cat([_excess_ranks(x, y, rows, k) for rows in torch.arange(n).split(CHUNK)])
    return (1 - 2 / (k * (2 * n - 3 * k - 1)) * excess).float().numpy()


def _excess_ranks(x: Tensor, y: Tensor, rows: Tensor, k: int) -> Tensor:
    """Return the sum over each point's k nearest on the map of how far their rank in feature space is beyond k: (rows,)."""
    on_map, in_space = torch.cdist(y[rows], y), torch.cdist(x[rows], x)
    for d in (on_map, in_space):
        d[torch.arange(len(rows)), rows] = torch.inf  # not itself
    shown = on_map.topk(k, largest=False).indices
    ranks = 1 + torch.searchsorted(in_space.sort(1).values, in_space.gather(1, shown))
    return (ranks - k).clamp_min(0).sum(1).double()


def faint_points(trust: np.ndarray, bar: float = BAR) -> tuple[np.ndarray, float]:
    """Return which points have a trust (n,) below the bar, (n,) bool, and their share, 0..1."""
    faint = np.asarray(trust) < bar
    return faint, float(faint.mean())
