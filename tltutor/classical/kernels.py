"""Gaussian kernels and their natural unit, the median distance; in NumPy, float64."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.model_selection import KFold

from tltutor.settings import Setting

Splits: TypeAlias = list[tuple[np.ndarray, np.ndarray]]  # training rows, held-out rows

FOLDS = 5
WIDTHS = (0.1, 0.2, 0.35, 0.6, 1.0, 1.7, 3.0)  # in medians: the grid of cross-validation
MAX_CENTERS = 100  # kernels in a density ratio, as in the papers

WIDTH = Setting(
    "width",
    1.0,
    0.05,
    20.0,
    "log",
    unit="medians",
    symbol="σ",
    text="Kernel width, in medians of the pooled distances.",
)
FOUND_WIDTH = Setting(
    "width",
    0.0,
    0.0,
    20.0,
    "log",
    unit="medians",
    symbol="σ",
    text="Kernel width, in medians of the pooled distances; 0 chooses it by cross-validation, without target labels.",
)


def gaussian_kernel(x: np.ndarray, z: np.ndarray, sigma: float) -> np.ndarray:
    """Return exp(-d^2 / (2 sigma^2)) between the rows of x (n, d) and z (m, d): (n, m); sigma in the data's own units."""
    return np.exp(cdist(x, z, "sqeuclidean") / (-2 * sigma**2))


def median_distance(xs: np.ndarray, xt: np.ndarray) -> float:
    """Return the median distance between two different rows of xs (n_s, d) and xt (n_t, d) pooled; 1 if it is 0."""
    distances = pdist(np.concatenate([xs, xt]))
    median = float(np.median(distances)) if len(distances) else 0.0
    return median if median > 0 else 1.0


def some_rows(x: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
    """Draw at most MAX_CENTERS rows of x (n, d) without replacement, as centers of kernels."""
    return x[random_state.permutation(len(x))[:MAX_CENTERS]]


def splits(n: int, random_state: np.random.RandomState) -> Splits:
    """Split n rows for cross-validation; a single row is in both parts."""
    if n < 2:
        return [(np.arange(n), np.arange(n))]
    return list(KFold(min(FOLDS, n), shuffle=True, random_state=random_state).split(np.empty(n)))
