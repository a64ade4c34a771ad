"""Optimal transport (Courty et al., 2017): move each source point to where the cheapest plan sends its mass. Solved by POT."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting

MAX_ITER = 5000  # of Sinkhorn's iteration

REG_E = Setting(
    "reg_e",
    1.0,
    0.02,
    10.0,
    "log",
    unit="median costs",
    symbol="ε",
    text="Entropy of the plan; a small one is nearly exact.",
)


def cost_matrix(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """Return squared distances (n_s, n_t) over their median: costs without a unit, so that reg_e means the same on any data."""
    cost = cdist(xs, xt, "sqeuclidean")
    median = np.median(cost)
    return cost / (median if median > 0 else 1.0)


def reduced(cost: np.ndarray) -> np.ndarray:
    """Subtract each row's minimum from the cost, then each column's. The plan stays, and exp(-cost / reg_e) keeps an entry per row."""
    less = cost - cost.min(axis=1, keepdims=True)
    return less - less.min(axis=0)


def sinkhorn_plan(cost: np.ndarray, reg_e: float, max_iter: int = MAX_ITER) -> np.ndarray:
    """Return the plan (n_s, n_t) that minimizes <plan, cost> + reg_e sum plan log plan, marginals uniform (Cuturi, 2013).

    Stabilized in the log domain on a reduced cost, so that nothing underflows.
    """
    import ot  # late: it loads torch

    plan = ot.sinkhorn(
        [],
        [],
        reduced(cost),
        reg_e,
        method="sinkhorn_stabilized",
        numItermax=max_iter,
        stopThr=1e-9,
        warn=False,
    )
    return np.asarray(plan)


def warn_unless_exact(plan: np.ndarray, name: str) -> None:
    """Warn if a target point's share of the mass is off by more than 1 %: the iteration stopped too soon."""
    off = float(np.abs(plan.sum(axis=0) * plan.shape[1] - 1).max())
    if not off <= 0.01:
        warnings.warn(
            f"{name} stopped {off:.0%} away from the target's shares: raise reg_e",
            ConvergenceWarning,
            stacklevel=4,
        )


def barycenters(plan: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """Return sum_j plan_ij xt_j / sum_j plan_ij, where the plan (n_s, n_t) sends each source point: (n_s, d).

    The barycentric mapping of Courty et al. (2017, eq. 13). Errors: ValueError for a source point whose mass was rounded to 0.
    """
    mass = plan.sum(axis=1, keepdims=True)
    if not (np.isfinite(plan).all() and (mass > 0).all()):
        raise ValueError("the transport plan lost some of its mass to rounding: raise reg_e")
    return plan @ xt / mass


class Transport(Aligner):
    """Base of the methods with a plan `coupling_` (n_s, n_t) of uniform marginals. The target stays in place.

    A source point that was not fitted moves by the same vector as the nearest one that was (Ferradans et al., 2013).
    """

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.coupling_ = self._plan(cost_matrix(Xs, Xt), ys)
        warn_unless_exact(self.coupling_, self.name)
        self.xs_, self.mapped_ = Xs, barycenters(self.coupling_, Xt)

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None, *, target: Any = None) -> np.ndarray:
        """Fit, and return where each row of the source X (n_s, d) is sent: (n_s, d). Errors: as `fit`."""
        return self.fit(X, y, target=target).mapped_

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        nearest = cdist(X, self.xs_, "sqeuclidean").argmin(axis=1)
        return X + (self.mapped_ - self.xs_)[nearest]

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return X


class EMD(Transport):
    """The plan of minimal cost <plan, C> (Kantorovich, 1942), exact: each source point goes to few target points.

    Expect less than no adaptation, by about 10 points of accuracy on Office-Caltech features: the plan follows single noisy
    distances, and where the domains' class shares differ it must still use all target points equally.
    """

    name = "ot_emd"
    title = "Optimal transport, exact"

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        import ot  # late: it loads torch

        return np.asarray(ot.emd([], [], cost, numItermax=1_000_000))


class Sinkhorn(Transport):
    """The plan of minimal <plan, C> + reg_e sum plan log plan (Cuturi, 2013): entropy spreads each source point over many.

    The default is POT's 1, in median costs. Near 0.1 the plan is nearly exact and shares `EMD`'s weakness. Expect less than
    no adaptation where the domains' class shares differ: all target points must be used equally.
    """

    name = "ot_sinkhorn"
    title = "Optimal transport, entropic"
    settings: ClassVar[tuple[Setting, ...]] = (REG_E,)

    def __init__(self, reg_e: float = 1.0) -> None:
        self.reg_e = reg_e

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        return sinkhorn_plan(cost, self.reg_e)
