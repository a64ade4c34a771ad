"""TCA (Pan et al., 2011): components on which the domains' means agree and the variance stays."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from tltutor.classical.aligner import COMPONENTS, Aligner, kept
from tltutor.classical.components import domain_contrast, kernel_matrix, transfer_components
from tltutor.classical.kernels import WIDTH, median_distance
from tltutor.settings import Setting

MU = Setting("mu", 1.0, 1e-6, 1e6, "log", symbol="μ", text="Penalty on the components' size: large mu cares less about the shift.")
KERNEL = Setting("kernel", "gaussian", scale="choice", choices=("gaussian", "linear"), text="How two points are compared.")


class TCA(Aligner):
    """x to k(x, pooled) W; W leads (K L K + mu I)^-1 K H K (Pan et al., 2011, eq. 9 to 11), mu = 1 as in its experiments."""

    name = "tca"
    title = "TCA (transfer components)"
    settings: ClassVar[tuple[Setting, ...]] = (COMPONENTS, KERNEL, WIDTH, MU)

    def __init__(
        self, components: int = 0, kernel: Literal["gaussian", "linear"] = "gaussian", width: float = 1.0, *, mu: float = 1.0
    ) -> None:
        self.components = components
        self.kernel = kernel
        self.width = width
        self.mu = mu

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.pooled_ = np.concatenate([Xs, Xt])
        self.sigma_ = self.width * median_distance(Xs, Xt)
        K = self._kernel(self.pooled_)
        k = kept(self.components, len(K) - 1 if self.kernel == "gaussian" else min(K.shape[0] - 1, Xs.shape[1]))
        self.components_ = transfer_components(K, domain_contrast(len(Xs), len(Xt))[:, None], self.mu, k)

    def _kernel(self, X: np.ndarray) -> np.ndarray:
        return kernel_matrix(X, self.pooled_, self.kernel, self.sigma_)

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return self._kernel(X) @ self.components_
