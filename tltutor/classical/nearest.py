"""Nearest-neighbor weights (Loog, 2012): a source point counts as often as target points lie nearest to it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors

from tltutor.classical.weights import Weights
from tltutor.settings import Setting


def neighbor_counts(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """How many rows of xt (n_t, d) have each row of xs (n_s, d) as the nearest one: (n_s,), the target mass of its Voronoi cell."""
    nearest = NearestNeighbors(n_neighbors=1).fit(xs).kneighbors(xt, return_distance=False)[:, 0]
    return np.bincount(nearest, minlength=len(xs))


class NearestWeights(Weights):
    """w_i proportional to smoothing + the target points in the cell of source point i (Loog, 2012, eq. 3, with smoothing 1)."""

    name = "nearest"
    title = "Nearest-neighbor weights"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("smoothing", 1.0, 0.0, 100.0, "log", text="Count that each source point has to start with; 0 drops the unvisited."),
    )

    def __init__(self, smoothing: float = 1.0) -> None:
        self.smoothing = smoothing

    def _weigh(self, Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        return neighbor_counts(Xs, Xt) + self.smoothing
