"""KMM (Huang et al., 2007): weights that make the mean embeddings of source and target equal, without estimating a density."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from tltutor.classical.kernels import WIDTH, gaussian_kernel, median_distance
from tltutor.classical.weights import Weights
from tltutor.settings import Setting

TOLERANCE = (
    1e-6  # of the squared MMD between weighted source and target, which lies between 0 and 2
)


def box_projection(v: np.ndarray, bound: float, low: float, high: float) -> np.ndarray:
    """Return the nearest point to v (n,) with 0 <= b <= bound and low <= sum b <= high: shift, clip, bisect the shift."""
    b = np.clip(v, 0, bound)
    wanted = np.clip(b.sum(), low, high)
    if b.sum() == wanted:
        return b
    left, right = v.min() - bound, v.max()  # shifts at which all are at the bound, all are 0
    for _ in range(100):
        shift = (left + right) / 2
        left, right = (
            (shift, right) if np.clip(v - shift, 0, bound).sum() > wanted else (left, shift)
        )
    return np.clip(v - right, 0, bound)


def gap(gradient: np.ndarray, b: np.ndarray, limits: tuple[float, float, float]) -> float:
    """Bound how far the objective at b (n,) is above its minimum: max over feasible v of gradient'(b - v).

    limits: bound, low, high of `box_projection`. The maximum fills v where the gradient (n,) is smallest.
    """
    bound, low, high = limits
    g = np.sort(gradient)
    filled = np.clip(
        high - bound * np.arange(len(g)), 0, bound
    )  # all of the mass `high`, cheapest first
    must = np.clip(low - bound * np.arange(len(g)), 0, bound)
    v = np.where(g < 0, filled, must)
    return float(gradient @ b - g @ v)


def kmm_weights(
    k_ss: np.ndarray, k_st: np.ndarray, bound: float, *, slack: float, max_iter: int
) -> np.ndarray:
    """Minimize b'K b / 2 - kappa'b with 0 <= b_i <= bound, |sum b - n_s| <= n_s slack (Huang et al., 2007, eq. 12): b (n_s,).

    K = k_ss (n_s, n_s), kappa_i = n_s / n_t * sum_j k_st[i, j], k_st (n_s, n_t). Accelerated projected gradient (FISTA,
    Beck & Teboulle, 2009) with restarts; it stops when the gap shows that the squared MMD is within TOLERANCE of the
    minimum, and warns after `max_iter` steps.
    """
    n = len(k_ss)
    kappa = n * k_st.mean(axis=1)
    low, high = n * (1 - slack), n * (1 + slack)
    rate = 1 / k_ss.sum(axis=1).max()  # K's largest eigenvalue is at most its largest row sum
    b = ahead = box_projection(np.ones(n), bound, low, high)
    t = 1.0
    for step in range(max_iter):
        if step % 20 == 0 and 2 * gap(k_ss @ b - kappa, b, (bound, low, high)) / n**2 < TOLERANCE:
            return b
        new = box_projection(ahead - rate * (k_ss @ ahead - kappa), bound, low, high)
        t = 1.0 if (ahead - new) @ (new - b) > 0 else t  # the momentum points uphill: restart it
        t, old = (1 + np.sqrt(1 + 4 * t**2)) / 2, t
        ahead, b = new + (old - 1) / t * (new - b), new
    warnings.warn(
        f"kmm did not converge in {max_iter} steps: raise reg or max_iter, or widen the kernel",
        ConvergenceWarning,
        stacklevel=5,
    )
    return b


class KMM(Weights):
    """Kernel mean matching, with the paper's bound B = 1000 and slack (sqrt(n_s) - 1) / sqrt(n_s).

    `reg` times the identity is added to K, whose own diagonal is 1: it penalizes squared weights. reg = 0 is the paper's
    problem, whose exact optimum puts nearly all weight on a few points.
    """

    name = "kmm"
    title = "KMM (equal mean embeddings)"
    settings: ClassVar[tuple[Setting, ...]] = (
        WIDTH,
        Setting(
            "reg",
            1.0,
            0.0,
            100.0,
            "log",
            symbol="ρ",
            text="Penalty on squared weights; 0 is the paper's, and spiky.",
        ),
        Setting(
            "B", 1000.0, 1.0, 1000.0, "log", symbol="B", text="Largest weight of a source point."
        ),
        Setting(
            "max_iter",
            5000,
            100,
            100000,
            "int",
            text="Steps after which the solver stops with a warning.",
        ),
    )

    def __init__(
        self, width: float = 1.0, reg: float = 1.0, *, B: float = 1000.0, max_iter: int = 5000
    ) -> None:
        self.width = width
        self.reg = reg
        self.B = B
        self.max_iter = max_iter

    def _weigh(self, Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        sigma = self.width * median_distance(Xs, Xt)
        slack = (np.sqrt(len(Xs)) - 1) / np.sqrt(len(Xs))
        k_ss = gaussian_kernel(Xs, Xs, sigma) + self.reg * np.eye(len(Xs))
        return kmm_weights(
            k_ss, gaussian_kernel(Xs, Xt, sigma), self.B, slack=slack, max_iter=self.max_iter
        )
