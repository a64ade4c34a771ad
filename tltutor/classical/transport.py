"""Optimal transport (Courty et al., 2017): move each source point to where the cheapest plan sends its mass. By POT."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting

STEPS = 5000  # of Sinkhorn's iteration, at most

ENTROPY = Setting(
    "entropy", 0.1, 0.02, 10.0, "log", unit="median costs", symbol="ε", text="How blurred the plan is; small is near the exact one."
)


def cost_matrix(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """Squared distances (n_s, n_t) over their median: costs without a unit, so that an entropy means the same on any data."""
    cost = cdist(xs, xt, "sqeuclidean")
    median = np.median(cost)
    return cost / (median if median > 0 else 1.0)


def reduced(cost: np.ndarray) -> np.ndarray:
    """The cost less each row's least, then each column's: the plan stays, and no row of exp(-cost / entropy) underflows whole."""
    less = cost - cost.min(axis=1, keepdims=True)
    return less - less.min(axis=0)


def sinkhorn_plan(cost: np.ndarray, entropy: float, steps: int = STEPS) -> np.ndarray:
    """The plan (n_s, n_t) of least <plan, cost> + entropy * sum plan log plan, marginals uniform (Cuturi, 2013).

    Stabilised by logarithms, and each row and column of the cost reduced by its least entry: nothing underflows.
    """
    import ot  # late: it loads torch

    plan = ot.sinkhorn([], [], reduced(cost), entropy, method="sinkhorn_stabilized", numItermax=steps, stopThr=1e-9, warn=False)
    return np.asarray(plan)


def tell_unless_exact(plan: np.ndarray, name: str) -> None:
    """Warn where a target point receives more or less than its share by over 1 %: the iteration stopped too soon."""
    off = float(np.abs(plan.sum(axis=0) * plan.shape[1] - 1).max())
    if not off <= 0.01:
        warnings.warn(f"{name} stopped {off:.0%} away from the target's shares: raise entropy", ConvergenceWarning, stacklevel=4)


def barycentres(plan: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """sum_j plan_ij xt_j / sum_j plan_ij (Courty et al., 2017, eq. 13): where the plan (n_s, n_t) sends each source point: (n_s, d)."""
    mass = plan.sum(axis=1, keepdims=True)
    if not (np.isfinite(plan).all() and (mass > 0).all()):
        raise ValueError("the transport plan lost some of its mass to rounding: raise entropy")
    return plan @ xt / mass


class Transport(Aligner):
    """Base of those with a plan (n_s, n_t) of uniform marginals: `plan_`. The target stays where it is.

    A source point that was not fitted moves as its nearest one that was (Ferradans et al., 2013).
    """

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.plan_ = self._plan(cost_matrix(Xs, Xt), ys)
        tell_unless_exact(self.plan_, self.name)
        self.from_, self.to_ = Xs, barycentres(self.plan_, Xt)

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None, *, target: Any = None) -> np.ndarray:
        """Fit, and where each row of the source X (n_s, d) is sent: (n_s, d)."""
        return self.fit(X, y, target=target).to_

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        nearest = cdist(X, self.from_, "sqeuclidean").argmin(axis=1)
        return X + (self.to_ - self.from_)[nearest]

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return X


class EMD(Transport):
    """The plan of least cost <plan, C> (Kantorovich, 1942): exact; each source point goes to few target points."""

    name = "ot_emd"
    title = "Optimal transport, exact"

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        import ot  # late: it loads torch

        return np.asarray(ot.emd([], [], cost, numItermax=1_000_000))


class Sinkhorn(Transport):
    """The plan of least <plan, C> + entropy * sum plan log plan (Cuturi, 2013): each source point goes to many, blurred by entropy."""

    name = "ot_sinkhorn"
    title = "Optimal transport, entropic"
    settings: ClassVar[tuple[Setting, ...]] = (ENTROPY,)

    def __init__(self, entropy: float = 0.1) -> None:
        self.entropy = entropy

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        return sinkhorn_plan(cost, self.entropy)
