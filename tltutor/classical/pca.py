"""PCA of both domains together: a baseline. It keeps what varies, and the shift varies too, so it aligns nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner, kept
from tltutor.classical.subspaces import basis
from tltutor.settings import Setting


class PooledPCA(Aligner):
    """x to (x - mean) P, P the leading principal directions of source and target pooled (Pearson, 1901)."""

    name = "pca"
    title = "PCA of both domains (aligns nothing)"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS,)

    def __init__(self, n_components: int = 0) -> None:
        self.n_components = n_components

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        pooled = np.concatenate([Xs, Xt])
        self.mean_ = pooled.mean(axis=0)
        self.basis_ = basis(pooled, kept(self.n_components, min(pooled.shape[1], len(pooled) - 1)))

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean_) @ self.basis_
