"""KLIEP (Sugiyama et al., 2008): the density ratio that minimizes the Kullback-Leibler divergence from target to weighted source."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning
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

TOLERABLE = 1e-3  # of the mean log weight


def kliep_coefficients(
    phi_s: np.ndarray, phi_t: np.ndarray, *, tol: float = 1e-4, max_iter: int = 5000
) -> np.ndarray:
    """Maximize mean_j log(phi_t a)_j over a >= 0 with mean_i (phi_s a)_i = 1 (Sugiyama et al., 2008, eq. 10): a (b,).

    phi_s (n_s, b), phi_t (n_t, b). With g = a * mean phi_s this is the likelihood of a mixture with shares g, and EM's step
    g <- g * mean_j (phi / (phi g))_j climbs it without a step size. max_l mean_j (phi_jl / (phi g)_j) - 1 bounds what is
    left to gain; the climb stops when that is below `tol`, or after `max_iter` steps.
    """
    mass = phi_s.mean(axis=0)
    used = (
        mass > 1e-12 * mass.max()
    )  # a kernel without any source point would get an infinite coefficient
    phi = phi_t[:, used] / mass[used]
    g = np.ones(phi.shape[1]) / max(1, phi.shape[1])
    for _ in range(max_iter if used.any() else 0):
        density = np.maximum(phi @ g, 1e-300)
        rise = (phi / density[:, None]).mean(axis=0)
        if rise.max() - 1 < tol:
            break
        g = g * rise
        g /= g.sum()
    a = np.zeros(len(mass))
    a[used] = g / mass[used]
    return a


def left_to_gain(phi_s: np.ndarray, phi_t: np.ndarray, a: np.ndarray) -> float:
    """Bound how far mean_j log(phi_t a)_j is below its maximum: the bound of `kliep_coefficients`, for any feasible a (b,)."""
    mass = phi_s.mean(axis=0)
    used = mass > 1e-12 * mass.max()
    rise = (phi_t[:, used] / np.maximum(phi_t @ a, 1e-300)[:, None]).mean(axis=0) / mass[used]
    return float(rise.max(initial=1.0)) - 1


class KLIEP(Ratio):
    """w(x) = sum_l a_l k(x, c_l), centers c_l at 100 target points, a by `kliep_coefficients` (Sugiyama et al., 2008).

    The paper searches the width greedily; here it is the best of a grid, by the same score: the mean log w of held-out
    target points. Fitted: `centers_` (b, d), `sigma_`, `coefficients_` (b,). A ConvergenceWarning if the climb stopped early.
    """

    name = "kliep"
    title = "KLIEP (density ratio, Kullback-Leibler)"
    settings: ClassVar[tuple[Setting, ...]] = (FOUND_WIDTH,)

    def __init__(self, width: float = 0.0, *, random_state: int | None = 0) -> None:
        self.width = width
        self.random_state = random_state

    def _learn(self, Xs: np.ndarray, Xt: np.ndarray) -> None:
        rng = check_random_state(self.random_state)
        unit = median_distance(Xs, Xt)
        self.centers_ = some_rows(Xt, rng)
        parts = splits(len(Xt), rng)
        self.sigma_ = unit * (
            self.width or max(WIDTHS, key=lambda width: self._score(width * unit, (Xs, Xt), parts))
        )
        phi_s, phi_t = (gaussian_kernel(x, self.centers_, self.sigma_) for x in (Xs, Xt))
        self.coefficients_ = kliep_coefficients(phi_s, phi_t)
        short = left_to_gain(phi_s, phi_t, self.coefficients_)
        if short > TOLERABLE:
            rule = f"kliep did not converge: its mean log weight may be {short:.2g} below the best"
            warnings.warn(
                f"{rule}, where {TOLERABLE} is allowed; give a wider kernel",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _score(self, sigma: float, data: tuple[np.ndarray, np.ndarray], parts: Splits) -> float:
        """Return the mean log w of held-out target points, over the folds."""
        phi_s, phi_t = (gaussian_kernel(x, self.centers_, sigma) for x in data)
        found = [
            (held, kliep_coefficients(phi_s, phi_t[train], tol=1e-2, max_iter=200))
            for train, held in parts
        ]
        return float(
            np.mean([np.log(np.maximum(phi_t[held] @ a, 1e-300)).mean() for held, a in found])
        )

    def _ratio(self, X: np.ndarray) -> np.ndarray:
        return gaussian_kernel(X, self.centers_, self.sigma_) @ self.coefficients_
