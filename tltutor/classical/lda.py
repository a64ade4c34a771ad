"""LDA of the source: a baseline. It keeps the directions that separate the source's classes, whatever the target does."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.linalg import eigh

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting


def scatters(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance within the classes y (n,) of x (n, d), and that of their means: (d, d) each, with 1 / n.

    Their sum is the covariance of x.
    """
    means = {c: x[y == c].mean(axis=0) for c in np.unique(y)}
    of_class = np.stack([means[c] for c in y])
    within, between = x - of_class, of_class - x.mean(axis=0)
    return within.T @ within / len(x), between.T @ between / len(x)


def discriminants(within: np.ndarray, between: np.ndarray, k: int, shrinkage: float) -> np.ndarray:
    """Return W (d, k), the k leading solutions of between w = phi S w, W'SW = I (Fisher, 1936; Rao, 1948).

    S = (1 - shrinkage) within + shrinkage * mean variance * I.
    """
    d = len(within)
    S = (1 - shrinkage) * within + shrinkage * (np.trace(within) / d or 1.0) * np.eye(d)
    return eigh(between, S, subset_by_index=(d - k, d - 1))[1][:, ::-1]


class SourceLDA(Aligner):
    """Map x to (x - mean_s) W, W the source's discriminants (Fisher, 1936): min(classes - 1, d) of them.

    Expect less than no adaptation with few source points, by about 10 points on Office-Caltech features with 15 a class: it
    aligns nothing, and the discriminants follow the source's noise.
    Errors: ValueError for a source with one class. Fitted: `discriminants_` W (d, k), `mean_` (d,).
    """

    name = "lda"
    title = "LDA of the source (aligns nothing)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "shrinkage",
            0.01,
            1e-6,
            1.0,
            "log",
            text="How far the covariance within classes is drawn to the identity's.",
        ),
    )
    needs_labels = True

    def __init__(self, shrinkage: float = 0.01) -> None:
        self.shrinkage = shrinkage

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        k = min(len(np.unique(ys)) - 1, Xs.shape[1])
        if k < 1:
            raise ValueError(
                "lda needs source points of 2 classes or more, got 1 class: add the others"
            )
        self.mean_ = Xs.mean(axis=0)
        self.discriminants_ = discriminants(*scatters(Xs, ys), k, self.shrinkage)

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean_) @ self.discriminants_
