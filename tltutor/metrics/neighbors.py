"""Neighbors of a point in feature space: the nearest source points, distances to all others, and the nearest class mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tltutor.projections.checks import Array, as_features, as_flags, as_labels

CHUNK = 512  # rows whose distances to all others are in memory at a time


def centered(features: Array, what: str = "features") -> Tensor:
    """Return features (n, d) about their mean as float64 on the CPU: distances stay, also far from 0."""
    x = as_features(features, what).cpu().double()
    return x - x.mean(0)


def nearest_source(
    features: Array, is_target: Array, k: int = 5, rows: Sequence[int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest source points of each point in feature space, nearest first, and their Euclidean distances.

    features (n, d), is_target (n,). rows: the points to answer for, such as the one under the pointer; by default all.
    Returns row numbers (len(rows), k) int64 and distances (len(rows), k) float32, in the features' units. A source point is
    no neighbor of itself. With fewer than k other source points there are as many columns as there are.
    Raises ValueError for k below 1 and for fewer than 2 source points.
    """
    x = centered(features)
    source = (~as_flags(is_target, len(x))).nonzero().squeeze(1)
    if k < 1 or len(source) < 2:
        raise ValueError(
            f"k must be at least 1 and the source must have at least 2 points, got k {k} and {len(source)} points:"
            " the usual number is 5; draw more points"
        )
    asked = torch.arange(len(x)) if rows is None else torch.as_tensor(rows, dtype=torch.int64)
    found = [_nearest(x, source, chunk, k) for chunk in asked.split(CHUNK)]
    near, distances = (torch.cat(part) for part in zip(*found, strict=True))
    return near.numpy(), distances.float().numpy()


def _nearest(x: Tensor, source: Tensor, asked: Tensor, k: int) -> tuple[Tensor, Tensor]:
    d = torch.cdist(x[asked], x[source])
    d[asked[:, None] == source] = torch.inf  # not itself
    distances, columns = d.topk(min(k, len(source) - 1), largest=False)
    return source[columns], distances


def distances_from(features: Array, row: int) -> np.ndarray:
    """Return the Euclidean distances (n,) float32 of all points' features (n, d) from those of one point."""
    x = as_features(features).cpu().double()
    distances: Tensor = torch.linalg.vector_norm(x - x[row], dim=1)
    return distances.float().numpy()


def nearest_mean(x: Array, y: Array, new: Array) -> np.ndarray:
    """Return for each row of `new` (m, d) the class (m,) int64 whose mean of the labeled rows of x (n, d) is nearest.

    y (n,): class numbers, -1 for none. Equally near means: the smaller number. Raises ValueError without a labeled row.
    (The nearest-centroid classifier; Hastie, Tibshirani & Friedman, 2009, section 18.2, without shrinkage.)
    """
    x, new = as_features(x, "x").cpu().double(), as_features(new, "new").cpu().double()
    labels = as_labels(y, len(x), "y")
    classes = labels[labels >= 0].unique()
    if not len(classes):
        raise ValueError(f"nearest_mean needs labeled rows, got none among {len(x)}: pass labels")
    means = torch.stack([x[labels == c].mean(0) for c in classes])
    nearest: Tensor = classes[torch.cdist(new, means).argmin(1)]
    return nearest.numpy()
