"""Transfer components: directions of much variance in which the domains' (and classes') means agree. TCA and JDA solve for these."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.linalg import eigh, svd
from scipy.sparse.linalg import LinearOperator, eigsh

from tltutor.classical.kernels import gaussian_kernel

DENSE = 500  # rows up to which all eigenvectors are computed at once


def kernel_matrix(x: np.ndarray, z: np.ndarray, kernel: Literal["gaussian", "linear"], sigma: float) -> np.ndarray:
    """k between the rows of x (n, d) and z (m, d): (n, m)."""
    if kernel == "linear":
        return x @ z.T
    return gaussian_kernel(x, z, sigma)


def domain_contrast(n_s: int, n_t: int) -> np.ndarray:
    """l (n,) with l l' = the L of MMD^2 = tr(K L): 1 / n_s for the source, -1 / n_t for the target."""
    return np.repeat([1 / n_s, -1 / n_t], [n_s, n_t])


def transfer_components(K: np.ndarray, contrasts: np.ndarray, mu: float, k: int) -> np.ndarray:
    """W (n, k), the k leading solutions of K H K w = phi (K M K + mu I) w, with W'(K M K + mu I) W = I: a component's scatter is phi.

    K (n, n), M = contrasts contrasts' with contrasts (n, c). M has rank c, so (K M K + mu I)^(-1/2) =: B is the identity over
    sqrt(mu) but for c directions, and the w are B times the leading eigenvectors of B K H K B.
    """
    U, s, _ = svd(K @ contrasts, full_matrices=False)
    less = 1 / np.sqrt(mu + s**2) - 1 / np.sqrt(mu)

    def B(v: np.ndarray) -> np.ndarray:
        return v / np.sqrt(mu) + U @ (less * (U.T @ v))

    def times(v: np.ndarray) -> np.ndarray:
        right = K @ B(v)
        return B(K @ (right - right.mean(axis=0)))

    return _signed(np.stack([B(v) for v in _leading(times, len(K), k).T], axis=1))


def _leading(times: Any, n: int, k: int) -> np.ndarray:
    """The k leading eigenvectors (n, k) of the symmetric operator `times`, the first one first."""
    if n <= DENSE or k >= n // 2:
        S = np.stack([times(e) for e in np.eye(n)], axis=1)
        return np.asarray(eigh((S + S.T) / 2, subset_by_index=(n - k, n - 1))[1][:, ::-1])
    operator = LinearOperator((n, n), matvec=lambda v: times(np.ravel(v)), dtype=np.float64)
    return np.asarray(eigsh(operator, k, v0=np.cos(np.arange(n)))[1][:, ::-1])


def _signed(W: np.ndarray) -> np.ndarray:
    """The same directions, the largest entry of each positive."""
    largest = W[np.abs(W).argmax(axis=0), np.arange(W.shape[1])]
    return W * np.where(largest < 0, -1, 1)
