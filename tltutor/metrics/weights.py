"""What every measure of answers starts from: how much each labeled point counts, and sums of that over groups of points."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from tltutor.projections.checks import Array, as_labels

Measured: TypeAlias = Any  # a float; for weights (b, n) an array whose first axis is b


def labeled(labels: Array, weights: Array | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (n,) int64 and the weight of each point (..., n) float64, which is 0 where there is no label.

    weights: (n,) or (b, n), at least 0; by default 1 for each point. A bootstrap passes how often it drew each point, b
    samples at a time. Raises ValueError for other shapes, negative weights, and if no labeled point has a weight.
    """
    y = as_labels(labels, n).numpy()
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    if w.shape[-1:] != (n,) or w.ndim > 2:
        raise ValueError(
            f"weights must have shape ({n},) or (b, {n}), one a point, got {w.shape}: leave them out to count all alike"
        )
    if not (w >= 0).all():
        raise ValueError(
            f"weights must be numbers of at least 0, got {w.min()}: leave them out to count all alike"
        )
    w = w * (y >= 0)
    if not w.any():
        raise ValueError(
            f"a measure needs at least one labeled example, got none among {n}: pass labels of 0 or more"
        )
    return y, w


def group_sums(weights: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the sum of the weights (..., n) of the points in each group: (..., n_groups). group: (n,), 0 to n_groups - 1."""
    present, sums = sums_by_group(np.ascontiguousarray(np.moveaxis(weights, -1, 0)), group)
    found = np.zeros((n_groups, *sums.shape[1:]))
    found[present] = sums
    return np.moveaxis(found, 0, -1)


def sums_by_group(rows: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups (m,) that occur, in order, and the sum of the rows (n, ...) of each: (m, ...). group: (n,)."""
    order = np.argsort(group, kind="stable")
    present, starts = np.unique(group[order], return_index=True)
    ordered = rows[order]
    if len(present) == len(rows):
        return present, ordered
    return present, np.add.reduceat(ordered, starts, axis=0)
