"""The subspace of a sample, by PCA: what subspace alignment and the geodesic flow kernel start from."""

from __future__ import annotations

import numpy as np

from tltutor.classical.aligner import kept


def basis(x: np.ndarray, k: int) -> np.ndarray:
    """The k leading principal directions of x (n, d) about its mean, orthonormal columns (d, k), signs fixed."""
    P = np.linalg.svd(x - x.mean(axis=0), full_matrices=len(x) < k)[2][:k].T
    leading = P[np.abs(P).argmax(axis=0), np.arange(P.shape[1])]
    return P * np.where(leading < 0, -1, 1)


def two_bases(xs: np.ndarray, xt: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Ps and Pt (d, k), of one number of directions; at most as many as there are features, or points but one on the smaller side."""
    k = kept(components, max(1, min(xs.shape[1], len(xs) - 1, len(xt) - 1)))
    return basis(xs, k), basis(xt, k)
