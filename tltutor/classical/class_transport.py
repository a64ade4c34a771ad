"""Class-regularized optimal transport (Courty et al., 2014, 2017): a target point should receive mass from one source class."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from tltutor.classical.transport import REG_E, Transport, sinkhorn_plan
from tltutor.settings import Setting

MAX_ITER = 10  # plans of the outer loop
SMALL = 1e-3  # mass that keeps the derivative of the square root finite


def class_cost(plan: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Return the derivative of sum_j sum_c (mass_cj + SMALL)^(1/2) in each plan_ij, mass_cj = sum over i in c of plan_ij: (n_s, n_t).

    plan (n_s, n_t), of_class (n_s, k) one-hot. Where a class already sends mass, more of it costs little.
    """
    mass = of_class.T @ plan  # (k, n_t)
    return of_class @ (0.5 / np.sqrt(mass + SMALL))


class ClassTransport(Transport):
    """Minimize <plan, C> + reg_e sum plan log plan + reg_cl sum_j sum_c (sum_{i in c} plan_ij)^(1/2) (Courty et al., 2014, eq. 4).

    Uses the source's labels. The square root is concave, so its tangent bounds it from above (majorize-minimize): ten
    times Sinkhorn, each with the class costs of the plan before. The defaults, 2 and 1, are those of the published code, in
    median costs: the plan must start blurred, or the first one's classes are fixed by the class term.
    """

    name = "ot_class"
    title = "Optimal transport, class by class"
    settings: ClassVar[tuple[Setting, ...]] = (
        replace(REG_E, default=2.0),
        Setting(
            "reg_cl",
            1.0,
            0.0,
            10.0,
            "log",
            symbol="η",
            text="Cost of mixing the source's classes; 0 is Sinkhorn.",
        ),
    )
    needs_labels = True

    def __init__(self, reg_e: float = 2.0, reg_cl: float = 1.0) -> None:
        self.reg_e = reg_e
        self.reg_cl = reg_cl

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        codes = np.unique(ys, return_inverse=True)[1]
        of_class = np.eye(codes.max() + 1)[codes]
        plan = sinkhorn_plan(cost, self.reg_e)
        for _ in range(MAX_ITER - 2):  # the plans in between may be rough
            plan = sinkhorn_plan(
                cost + self.reg_cl * class_cost(plan, of_class), self.reg_e, max_iter=100
            )
        return sinkhorn_plan(cost + self.reg_cl * class_cost(plan, of_class), self.reg_e)
