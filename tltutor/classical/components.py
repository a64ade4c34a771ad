"""Transfer components: directions of large variance in which the domains' means agree. TCA and JDA solve for them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.linalg import eigh, svd
from scipy.sparse.linalg import LinearOperator, eigsh

from tltutor.classical.kernels import gaussian_kernel

DENSE = 500  # rows up to which all eigenvectors are computed at once
NEGLIGIBLE = 1e-12  # a contrast or a variance below this share of what it could be is rounding


def kernel_matrix(
    x: np.ndarray, z: np.ndarray, kernel: Literal["rbf", "linear"], sigma: float
) -> np.ndarray:
    """Kernel between the rows of x (n, d) and z (m, d): (n, m). `sigma` is the rbf kernel's width in the data's units."""
    if kernel == "linear":
        return x @ z.T
    return gaussian_kernel(x, z, sigma)


def domain_contrast(n_s: int, n_t: int) -> np.ndarray:
    """Return l (n,) with l l' = L, so that MMD^2 = tr(K L): 1 / n_s for the source, -1 / n_t for the target."""
    return np.repeat([1 / n_s, -1 / n_t], [n_s, n_t])


def contrast_scale(K: np.ndarray, contrasts: np.ndarray) -> float:
    """Return the largest eigenvalue of K M K, M = contrasts contrasts' (n, n): the natural unit of mu. Never 0."""
    largest = np.linalg.norm(K @ contrasts, 2) ** 2
    rounding = NEGLIGIBLE * np.linalg.norm(K) ** 2 * np.linalg.norm(contrasts, 2) ** 2
    return float(max(largest, rounding)) or 1.0


def transfer_components(K: np.ndarray, contrasts: np.ndarray, mu: float, k: int) -> np.ndarray:
    """Return W (n, k), the k leading solutions of K H K w = phi (K M K + mu I) w, with W'(K M K + mu I) W = I.

    K (n, n), H centers, M = contrasts contrasts' with contrasts (n, c); the scatter of K w is phi. These are the
    eigenvectors of (K M K + mu I)^-1 K H K (Pan et al., 2011, eq. 9 to 11; Long et al., 2013, eq. 9). M has rank c, so
    (K M K + mu I)^(-1/2) =: B is the identity over sqrt(mu) except in c directions, and W is B times the leading
    eigenvectors of B K H K B.
    """
    U, s, _ = svd(K @ contrasts, full_matrices=False)
    less = 1 / np.sqrt(mu + s**2) - 1 / np.sqrt(mu)

    def B(v: np.ndarray) -> np.ndarray:
        return v / np.sqrt(mu) + U @ (less * (U.T @ v))

    def times(v: np.ndarray) -> np.ndarray:
        right = K @ B(v)
        return B(K @ (right - right.mean(axis=0)))

    return _signed(np.stack([B(v) for v in _leading(times, len(K), k).T], axis=1))


def unit_variance(W: np.ndarray, K: np.ndarray, *, whiten: bool) -> np.ndarray:
    """Scale W (n, k) so that the components K W have variance 1: each of them if `whiten`, else on average.

    Each of them: W'K H K W = n I, the constraint of Pan et al. (2011, eq. 9) but for the factor n, which makes the
    scale the same for any number of points.
    """
    variance = (K @ W).var(axis=0)
    if not whiten:
        variance = np.full_like(variance, variance.mean())
    return W / np.sqrt(np.where(variance > NEGLIGIBLE * variance.max(), variance, 1))


def _leading(times: Any, n: int, k: int) -> np.ndarray:
    """Return the k leading eigenvectors (n, k) of the symmetric operator `times`, the largest first."""
    if n <= DENSE or k >= n // 2:
        S = np.stack([times(e) for e in np.eye(n)], axis=1)
        return np.asarray(eigh((S + S.T) / 2, subset_by_index=(n - k, n - 1))[1][:, ::-1])
    operator = LinearOperator((n, n), matvec=lambda v: times(np.ravel(v)), dtype=np.float64)
    return np.asarray(eigsh(operator, k, v0=np.cos(np.arange(n)))[1][:, ::-1])


def _signed(W: np.ndarray) -> np.ndarray:
    """Flip columns so that the largest entry of each is positive."""
    largest = W[np.abs(W).argmax(axis=0), np.arange(W.shape[1])]
    return W * np.where(largest < 0, -1, 1)
