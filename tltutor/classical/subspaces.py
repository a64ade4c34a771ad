"""The principal subspace of a sample: where subspace alignment and the geodesic flow kernel start."""

from __future__ import annotations

import numpy as np

from tltutor.classical.aligner import count_components


def basis(x: np.ndarray, k: int) -> np.ndarray:
    """Return the k leading principal directions of x (n, d) about its mean: orthonormal columns (d, k), signs fixed."""
    P = np.linalg.svd(x - x.mean(axis=0), full_matrices=len(x) < k)[2][:k].T
    leading = P[np.abs(P).argmax(axis=0), np.arange(P.shape[1])]
    return P * np.where(leading < 0, -1, 1)


def two_bases(xs: np.ndarray, xt: np.ndarray, n_components: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Ps and Pt (d, k) with the same k: at most the number of features, and of points less one on either side."""
    k = count_components(n_components, max(1, min(xs.shape[1], len(xs) - 1, len(xt) - 1)))
    return basis(xs, k), basis(xt, k)
