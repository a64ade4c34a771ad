"""PCA of both domains together: a baseline. It keeps what varies, the shift included, so it aligns nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner, count_components
from tltutor.classical.subspaces import basis
from tltutor.settings import Setting


class PooledPCA(Aligner):
    """Map x to (x - mean) P, P the leading principal directions of source and target pooled (Pearson, 1901).

    Expect less than no adaptation on wide features, by about 5 points with a linear classifier on Office-Caltech features:
    it aligns nothing, and 20 components leave most of the features out.
    Fitted: `basis_` P (d, k), `mean_` (d,).
    """

    name = "pca"
    title = "PCA of both domains (aligns nothing)"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS,)

    def __init__(self, n_components: int = 0) -> None:
        self.n_components = n_components

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        pooled = np.concatenate([Xs, Xt])
        self.mean_ = pooled.mean(axis=0)
        self.basis_ = basis(
            pooled, count_components(self.n_components, min(pooled.shape[1], len(pooled) - 1))
        )

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean_) @ self.basis_
