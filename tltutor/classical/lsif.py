"""uLSIF (Kanamori et al., 2009) and RuLSIF (Yamada et al., 2011): the density ratio fitted by least squares, in closed form."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import numpy as np
from scipy.linalg import solve
from sklearn.utils import check_random_state

from tltutor.classical.kernels import (
    FOUND_WIDTH,
    WIDTHS,
    Splits,
    gaussian_kernel,
    median_distance,
    some_rows,
    splits,
)
from tltutor.classical.weights import Ratio
from tltutor.settings import Setting

REGS = (0.001, 0.01, 0.1, 1.0)  # the grid of cross-validation

FOUND_REG = Setting(
    "reg",
    0.0,
    0.0,
    10.0,
    "log",
    symbol="λ",
    text="Penalty on the coefficients; 0 chooses it by cross-validation, without target labels.",
)


def lsif_moments(
    phi_s: np.ndarray, phi_t: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return H = alpha E_t[phi phi'] + (1 - alpha) E_s[phi phi'] (b, b) and h = E_t[phi] (b,), of phi_s (n_s, b), phi_t (n_t, b)."""
    H = alpha * phi_t.T @ phi_t / len(phi_t) + (1 - alpha) * phi_s.T @ phi_s / len(phi_s)
    return H, phi_t.mean(axis=0)


def lsif_coefficients(
    phi_s: np.ndarray, phi_t: np.ndarray, *, reg: float, alpha: float = 0.0
) -> np.ndarray:
    """Return max(0, a) with a (b,) = (H + reg I)^-1 h, the minimizer of a'Ha / 2 - h'a + reg a'a / 2.

    Kanamori et al. (2009, eq. 5); alpha as in Yamada et al. (2011).
    """
    H, h = lsif_moments(phi_s, phi_t, alpha)
    return np.maximum(0, solve(H + reg * np.eye(len(h)), h, assume_a="pos"))


class RuLSIF(Ratio):
    """w(x) = p_t / (alpha p_t + (1 - alpha) p_s), never above 1 / alpha, so that no source point dominates; the paper's alpha is 0.1.

    Where `width` or `reg` is 0, cross-validation of the squared error that is minimized chooses it.
    Fitted: `centers_` (b, d), `sigma_`, `reg_`, `coefficients_` (b,).
    """

    name = "rulsif"
    title = "RuLSIF (relative density ratio, least squares)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "alpha",
            0.1,
            0.0,
            0.99,
            symbol="α",
            text="Share of the target in the denominator; 0 is the plain ratio.",
        ),
        FOUND_WIDTH,
        FOUND_REG,
    )
    alpha: float

    def __init__(
        self,
        alpha: float = 0.1,
        width: float = 0.0,
        reg: float = 0.0,
        *,
        random_state: int | None = 0,
    ) -> None:
        self.alpha = alpha
        self.width = width
        self.reg = reg
        self.random_state = random_state

    def _learn(self, Xs: np.ndarray, Xt: np.ndarray) -> None:
        rng = check_random_state(self.random_state)
        unit = median_distance(Xs, Xt)
        self.centers_ = some_rows(Xt, rng)
        parts = (splits(len(Xs), rng), splits(len(Xt), rng))
        widths, regs = (self.width,) if self.width else WIDTHS, (self.reg,) if self.reg else REGS
        self.sigma_, self.reg_ = min(
            ((unit * width, reg) for width, reg in product(widths, regs)),
            key=lambda pair: self._score(pair, (Xs, Xt), parts),
        )
        self.coefficients_ = lsif_coefficients(
            *self._kernels(self.sigma_, Xs, Xt), reg=self.reg_, alpha=self.alpha
        )

    def _kernels(self, sigma: float, *data: np.ndarray) -> list[np.ndarray]:
        return [gaussian_kernel(x, self.centers_, sigma) for x in data]

    def _score(
        self,
        pair: tuple[float, float],
        data: tuple[np.ndarray, np.ndarray],
        parts: tuple[Splits, Splits],
    ) -> float:
        """Return a'Ha / 2 - h'a on held-out points, over the folds."""
        phi_s, phi_t = self._kernels(pair[0], *data)
        scores = []
        for (train_s, held_s), (train_t, held_t) in zip(*parts, strict=False):
            a = lsif_coefficients(phi_s[train_s], phi_t[train_t], reg=pair[1], alpha=self.alpha)
            H, h = lsif_moments(phi_s[held_s], phi_t[held_t], self.alpha)
            scores.append(a @ H @ a / 2 - h @ a)
        return float(np.mean(scores))

    def _ratio(self, X: np.ndarray) -> np.ndarray:
        return gaussian_kernel(X, self.centers_, self.sigma_) @ self.coefficients_


class ULSIF(RuLSIF):
    """w(x) = p_t / p_s: RuLSIF with alpha = 0. The paper chooses width and reg by leave-one-out; here 5 folds do."""

    name = "ulsif"
    title = "uLSIF (density ratio, least squares)"
    settings = (FOUND_WIDTH, FOUND_REG)
    alpha: ClassVar[float] = 0.0  # type: ignore[misc]

    def __init__(
        self, width: float = 0.0, reg: float = 0.0, *, random_state: int | None = 0
    ) -> None:
        self.width = width
        self.reg = reg
        self.random_state = random_state
