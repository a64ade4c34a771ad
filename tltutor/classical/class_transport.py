"""Class-regularised optimal transport (Courty et al., 2014, 2017): if it can be helped, no target point receives two source classes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.transport import ENTROPY, Transport, sinkhorn_plan
from tltutor.settings import Setting

ROUNDS = 10
SMALL = 1e-3  # mass that keeps the derivative of the square root finite


def class_cost(plan: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Derivative of sum_j sum_c (mass_cj + SMALL)^(1/2), mass_cj = sum over i in c of plan_ij, in each plan_ij: (n_s, n_t).

    plan (n_s, n_t), of_class (n_s, k) one-hot. Where a class already sends mass, more of it costs little.
    """
    mass = of_class.T @ plan  # (k, n_t)
    return of_class @ (0.5 / np.sqrt(mass + SMALL))


class ClassTransport(Transport):
    """Least <plan, C> + entropy * sum plan log plan + eta * sum_j sum_c (sum_{i in c} plan_ij)^(1/2) (Courty et al., 2014, eq. 4).

    Uses the source's labels. The root is concave, so it is majorised by its tangent: ten times Sinkhorn, each with the costs of
    the plan before. The paper of 2017 prefers a group lasso over this one by little.
    """

    name = "ot_class"
    title = "Optimal transport, class by class"
    settings: ClassVar[tuple[Setting, ...]] = (
        ENTROPY,
        Setting("eta", 0.1, 0.0, 10.0, "log", symbol="η", text="How much mixing of the source's classes costs; 0 is Sinkhorn."),
    )
    needs_labels = True

    def __init__(self, entropy: float = 0.1, eta: float = 0.1) -> None:
        self.entropy = entropy
        self.eta = eta

    def _plan(self, cost: np.ndarray, ys: np.ndarray) -> np.ndarray:
        codes = np.unique(ys, return_inverse=True)[1]
        of_class = np.eye(codes.max() + 1)[codes]
        plan = sinkhorn_plan(cost, self.entropy)
        for _ in range(ROUNDS - 2):  # on the way a rough plan will do
            plan = sinkhorn_plan(cost + self.eta * class_cost(plan, of_class), self.entropy, steps=100)
        return sinkhorn_plan(cost + self.eta * class_cost(plan, of_class), self.entropy)
