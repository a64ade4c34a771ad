"""Unbalanced optimal transport (Chizat et al., 2018): what is too far from everything is not sent, instead of being sent anywhere."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import ClassVar

import numpy as np
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning

from tltutor.classical.transport import MAX_ITER, REG_E, Transport, barycenters, cost_matrix
from tltutor.settings import Setting

CLOSE = 1e-8  # of the potentials, in median costs, from one iteration to the next


def unbalanced_plan(
    cost: np.ndarray, reg_e: float, reg_m: float, max_iter: int = MAX_ITER
) -> np.ndarray:
    """Return the plan P (n_s, n_t) that minimizes <P, C> + reg_e KL(P | a b') + reg_m KL(P 1 | a) + reg_m KL(P' 1 | b).

    a = 1 / n_s and b = 1 / n_t for each point; KL(p | q) = sum p log(p / q) - p + q. A large reg_m makes it Sinkhorn's plan,
    a small one lets mass go. By scaling in the log domain: f = -r reg_e log sum_j b_j exp((g_j - C_ij) / reg_e), and g
    likewise, with r = reg_m / (reg_m + reg_e) (Chizat, Peyre, Schmitzer & Vialard, 2018). After each round, f is raised and g
    lowered by the best constant, without which a large reg_m takes thousands of rounds (Sejourne, Vialard & Peyre, 2022).
    A ConvergenceWarning if it stops early.
    """
    n_s, n_t = cost.shape
    g, r = np.zeros(n_t), reg_m / (reg_m + reg_e)
    for _ in range(max_iter):
        f = -r * reg_e * (logsumexp((g - cost) / reg_e, axis=1) - np.log(n_t))
        f += reg_m / 2 * (_log_mean_exp(-f / reg_m) - _log_mean_exp(-g / reg_m))
        new = -r * reg_e * (logsumexp((f[:, None] - cost) / reg_e, axis=0) - np.log(n_s))
        moved, g = np.abs(new - g).max(), new
        if moved < CLOSE:
            break
    else:
        warnings.warn(
            f"the unbalanced plan stopped while it still moved by {moved:.1e} median costs: raise reg_e",
            ConvergenceWarning,
            stacklevel=2,
        )
    f = -r * reg_e * (logsumexp((g - cost) / reg_e, axis=1) - np.log(n_t))
    return np.asarray(np.exp((f[:, None] + g - cost) / reg_e) / (n_s * n_t))


def _log_mean_exp(x: np.ndarray) -> float:
    return float(logsumexp(x) - np.log(len(x)))


class Unbalanced(Transport):
    """The plan of `unbalanced_plan`: for domains whose class shares differ, or that hold outliers (Chizat et al., 2018).

    reg_m, in median costs: what it costs to leave mass behind; near 0, each source point goes to where it is nearest, and
    many stay out. The plan sends `coupling_.sum()` of the mass, which is 1 at most where costs are not negative.
    Expect less than no adaptation where the domains' class shares are alike, by about 3 points on Office-Caltech features: there
    all mass has a place to go, and what stays behind is missing.
    """

    name = "ot_unbalanced"
    title = "Optimal transport, unbalanced"
    settings: ClassVar[tuple[Setting, ...]] = (
        replace(REG_E, default=0.1),
        Setting(
            "reg_m",
            0.3,
            0.05,
            1000.0,
            "log",
            unit="median costs",
            symbol="ρ",
            text="Cost of mass that is not sent; a large one sends all of it.",
        ),
    )

    def __init__(self, reg_e: float = 0.1, reg_m: float = 0.3) -> None:
        self.reg_e = reg_e
        self.reg_m = reg_m

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.coupling_ = unbalanced_plan(cost_matrix(Xs, Xt), self.reg_e, self.reg_m)
        self.xs_, self.mapped_ = Xs, barycenters(self.coupling_, Xt)
