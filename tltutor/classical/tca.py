"""TCA (Pan et al., 2011): components in which the domains' means agree and the variance stays."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner, count_components
from tltutor.classical.components import (
    contrast_scale,
    domain_contrast,
    kernel_matrix,
    transfer_components,
    unit_variance,
)
from tltutor.classical.kernels import WIDTH, median_distance
from tltutor.settings import Setting

MU = Setting(
    "mu",
    0.01,
    1e-6,
    1e6,
    "log",
    unit="of the largest eigenvalue of KMK",
    symbol="μ",
    text="Penalty on the coefficients: the larger, the less the means are made to agree.",
)
KERNEL = Setting(
    "kernel",
    "rbf",
    scale="choice",
    choices=("rbf", "linear"),
    text="Similarity of two points: Gaussian or linear.",
)
WHITEN = Setting(
    "whiten",
    False,
    scale="switch",
    text="Whether all components get the same variance, as in Pan's constraint.",
)


class TCA(Aligner):
    """Map x (d,) to k(x, pooled) W (k,), W the leading eigenvectors of (K L K + mu I)^-1 K H K (Pan et al., 2011, eq. 9 to 11).

    `mu` is in units of the largest eigenvalue of K L K, so that its meaning depends neither on the kernel nor on n. The
    default 0.01 is what the published 1 amounts to: on Office-Caltech with rows of unit length, a linear kernel and L of
    norm 1 (the authors' and JDA's code), 1 is between 0.002 and 0.07 of these units, in the median 0.007. An absolute 1 is
    far above the eigenvalue of a Gaussian kernel, and then nearly nothing is aligned.

    The k components have variance 1 on average, in the proportion of their eigenvalues. `whiten=True` is Pan's constraint
    W'KHKW = I (times n): every component has variance 1, and a trailing one that is noise counts as much as the first. With
    the 20 components of the default that costs about 10 points of accuracy on Office-Caltech features, so choose
    `n_components` small with it.

    Fitted: `eigenvectors_` W (n_s + n_t, k), `pooled_` (n_s + n_t, d), `sigma_` the kernel's width.
    """

    name = "tca"
    title = "TCA (transfer components)"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS, KERNEL, WIDTH, MU, WHITEN)

    def __init__(
        self,
        n_components: int = 0,
        kernel: Literal["rbf", "linear"] = "rbf",
        width: float = 1.0,
        *,
        mu: float = 0.01,
        whiten: bool = False,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.width = width
        self.mu = mu
        self.whiten = whiten

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.pooled_ = np.concatenate([Xs, Xt])
        self.sigma_ = self.width * median_distance(Xs, Xt)
        K = self._kernel(self.pooled_)
        self.eigenvectors_ = self._solve(K, domain_contrast(len(Xs), len(Xt))[:, None])

    def _solve(self, K: np.ndarray, contrasts: np.ndarray) -> np.ndarray:
        """Return the scaled components (n, k) for the contrasts (n, c)."""
        rank = len(K) - 1 if self.kernel == "rbf" else min(len(K) - 1, self.pooled_.shape[1])
        k = count_components(self.n_components, rank)
        W = transfer_components(K, contrasts, self.mu * contrast_scale(K, contrasts), k)
        return unit_variance(W, K, whiten=self.whiten)

    def _kernel(self, X: np.ndarray) -> np.ndarray:
        return kernel_matrix(X, self.pooled_, self.kernel, self.sigma_)

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return self._kernel(X) @ self.eigenvectors_
