"""Linear optimal transport: the cheapest linear map that gives the source the target's mean and covariance. CORAL's is another."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting


class LinearTransport(Aligner):
    """x to x A + b, A = Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2), symmetric: Monge's map between two Gaussians.

    (Dowson & Landau, 1982; Flamary et al., 2019). `ridge` is added to both covariances, in units of the mean variance.
    """

    name = "ot_linear"
    title = "Optimal transport, linear"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("ridge", 1e-6, 1e-9, 10.0, "log", unit="mean variances", symbol="λ", text="Added to both covariances."),
    )

    def __init__(self, ridge: float = 1e-6) -> None:
        self.ridge = ridge

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        import ot  # late: it loads torch

        unit = (Xs.var(axis=0).mean() + Xt.var(axis=0).mean()) / 2
        self.matrix_, shift = ot.gaussian.empirical_bures_wasserstein_mapping(Xs, Xt, reg=self.ridge * (unit or 1.0))
        self.shift_ = np.ravel(shift)

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return X @ self.matrix_ + self.shift_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return X
