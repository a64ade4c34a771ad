"""Subspace alignment (Fernando et al., 2013): rotate the source's principal directions onto the target's."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner
from tltutor.classical.subspaces import two_bases
from tltutor.settings import Setting


def alignment_matrix(Ps: np.ndarray, Pt: np.ndarray) -> np.ndarray:
    """Return M = Ps' Pt (k, k), which minimizes ||Ps M - Pt||_F^2, of bases (d, k) (Fernando et al., 2013, eq. 1 to 3)."""
    return Ps.T @ Pt


class SubspaceAlignment(Aligner):
    """Map the source to (x - mean_s) Ps Ps'Pt and the target to (x - mean_t) Pt (Fernando et al., 2013).

    Each side is centered on its own mean, as the paper's z-scores are.
    Fitted: `source_basis_` Ps Ps'Pt and `target_basis_` Pt (d, k), `source_mean_` and `target_mean_` (d,).
    """

    name = "subspace_alignment"
    title = "Subspace alignment"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS,)

    def __init__(self, n_components: int = 0) -> None:
        self.n_components = n_components

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        Ps, self.target_basis_ = two_bases(Xs, Xt, self.n_components)
        self.source_basis_ = Ps @ alignment_matrix(Ps, self.target_basis_)
        self.source_mean_, self.target_mean_ = Xs.mean(axis=0), Xt.mean(axis=0)

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return (X - self.source_mean_) @ self.source_basis_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.target_mean_) @ self.target_basis_
