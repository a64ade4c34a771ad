"""OTDD (Alvarez-Melis & Fusi, 2020): the cost of carrying one labeled data set onto another, images and labels together."""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.score import Score
from tltutor.metrics.transferability.labeled import labeled_features
from tltutor.projections.checks import Array

MOST = 1000  # examples a side: the cost of exact transport grows as their cube


def otdd(
    source_features: Array,
    source_labels: Array,
    target_features: Array,
    target_labels: Array,
    *,
    most: int = MOST,
    seed: int = 0,
) -> float:
    """Return the optimal transport dataset distance, in the features' units; 0 for equal data sets.

    features (n, d) and (m, d), labels (n,) and (m,), -1 for none; the classes of both sides may differ. Moving x of class
    y to x' of class y' costs |x - x'|^2 + W^2(y, y'), where W is the Wasserstein distance of the classes, as Gaussians:
    W^2 = |mean difference|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2). The distance is the root of the least mean cost.
    most: examples of each side at most, drawn by seed; classes are described by all. Raises ValueError for NaN, other
    widths and fewer than two classes on a side. (Alvarez-Melis & Fusi, 2020, eq. 5 and 7; exact transport by POT.)
    """
    from ot import emd2

    source = labeled_features(source_features, source_labels, "source")
    target = labeled_features(target_features, target_labels, "target")
    if source[0].shape[1] != target[0].shape[1]:
        raise ValueError(
            f"both sides must have features of one width, got {source[0].shape[1]} and {target[0].shape[1]}: use one network"
        )
    between = class_distances(source, target)
    rng = np.random.default_rng(seed)
    (xs, ys), (xt, yt) = _drawn(*source, most, rng), _drawn(*target, most, rng)
    cost = _squared_distances(xs, xt) + between[np.ix_(ys, yt)]
    return float(np.sqrt(max(emd2([], [], cost, numItermax=1_000_000), 0)))


def class_distances(
    source: tuple[np.ndarray, np.ndarray], target: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return the squared Wasserstein distance of each source class from each target class, as Gaussians: (k_s, k_t).

    source, target: features (n, d) and labels (n,) 0 to k - 1. tr (A^1/2 B A^1/2)^1/2 is the sum of the singular values of
    F G', for any F'F = A and G'G = B: so no root of a matrix is needed. Covariances with 1 / n.
    """
    ours, theirs = _gaussians(*source), _gaussians(*target)
    return np.array([[_squared_wasserstein(a, b) for b in theirs] for a in ours])


def _gaussians(x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the mean (d,) and a factor F (at most d, d) of the covariance F'F of each class."""
    found = []
    for c in range(int(y.max()) + 1):
        rows = x[y == c]
        centered = (rows - rows.mean(0)) / np.sqrt(len(rows))
        if len(rows) > x.shape[1]:
            centered = np.asarray(np.linalg.qr(centered, mode="r"))
        found.append((rows.mean(0), centered))
    return found


def _squared_wasserstein(
    a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]
) -> float:
    (mean_a, F), (mean_b, G) = a, b
    shared = np.linalg.svd(F @ G.T, compute_uv=False).sum()
    spread = np.square(F).sum() + np.square(G).sum() - 2 * shared
    return float(np.square(mean_a - mean_b).sum() + max(spread, 0))


def _drawn(
    x: np.ndarray, y: np.ndarray, most: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.sort(rng.permutation(len(x))[:most])
    return x[rows], y[rows]


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a, b, "sqeuclidean"))


SCORE = Score(
    "otdd",
    mark("OTDD (distance of labeled data sets)"),
    "Alvarez-Melis & Fusi, 2020",
    mark(
        "It compares data sets, not models: distances in features of two networks have two units."
    ),
    otdd,
    sign=-1,
)
