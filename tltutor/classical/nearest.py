"""Nearest-neighbor weights (Loog, 2012): a source point counts as many times as target points have it as their nearest."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors

from tltutor.classical.weights import Weights
from tltutor.settings import Setting


def neighbor_counts(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """Count the rows of xt (n_t, d) that have each row of xs (n_s, d) as their nearest: (n_s,), the masses of Voronoi cells."""
    nearest = NearestNeighbors(n_neighbors=1).fit(xs).kneighbors(xt, return_distance=False)[:, 0]
    return np.bincount(nearest, minlength=len(xs))


class NearestWeights(Weights):
    """Weights proportional to smoothing + the target points in source point i's cell (Loog, 2012, eq. 3, with smoothing 1)."""

    name = "nearest"
    title = "Nearest-neighbor weights"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "smoothing",
            1.0,
            0.0,
            100.0,
            "log",
            text="Count that each source point starts with; 0 drops the unvisited.",
        ),
    )

    def __init__(self, smoothing: float = 1.0) -> None:
        self.smoothing = smoothing

    def _weigh(self, Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        return neighbor_counts(Xs, Xt) + self.smoothing
