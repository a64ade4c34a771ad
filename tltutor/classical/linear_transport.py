"""Linear optimal transport (Dowson & Landau, 1982): the cheapest linear map to the target's mean and covariance, unlike CORAL's."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import Aligner
from tltutor.classical.coral import covariances, power
from tltutor.settings import Setting


def monge_matrix(Cs: np.ndarray, Ct: np.ndarray) -> np.ndarray:
    """Return A = Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2) of (d, d), symmetric with A Cs A = Ct (Dowson & Landau, 1982)."""
    root, inverse = power(Cs, 0.5), power(Cs, -0.5)
    return inverse @ power(root @ Ct @ root, 0.5) @ inverse


class LinearTransport(Aligner):
    """Map the source to (x - mean_s) A + mean_t, Monge's map between two Gaussians (Flamary et al., 2019, eq. 3).

    The target stays in place. `reg` is added to both covariances, in units of the mean variance of both domains.
    Fitted: `matrix_` A (d, d), `shift_` (d,).
    """

    name = "ot_linear"
    title = "Optimal transport, linear"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "reg",
            1e-6,
            0.0,
            10.0,
            "log",
            unit="mean variances",
            symbol="λ",
            text="Added to both covariances.",
        ),
    )

    def __init__(self, reg: float = 1e-6) -> None:
        self.reg = reg

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.matrix_ = monge_matrix(*covariances(Xs, Xt, self.reg))
        self.shift_ = Xt.mean(axis=0) - Xs.mean(axis=0) @ self.matrix_

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return X @ self.matrix_ + self.shift_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return X
