"""JAN (Long et al., 2017): equal joint embeddings of features and predictions, through the product of their kernels."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.dan import KERNELS
from tltutor.objectives.kernels import gaussian_kernel, kernel_of_widths, squared_distances
from tltutor.objectives.mmd import mmd2_of_kernel
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

PREDICTION_WIDTH = (1.68 / 2) ** 0.5  # the authors' code has exp(-d^2 / 1.68) between probabilities


def joint_kernel(f: Tensor, g: Tensor, kernels: int) -> Tensor:
    """Return k(i, j) = k_f(f_i, f_j) k_g(g_i, g_j) of features f (n, d) and probabilities g (n, k): (n, n).

    Long et al., 2017, JMMD. k_f is the mean of this many kernels, k_g has the width of the authors' code.
    """
    check_features(f=f)
    check_features(g=g)
    check_pairs(f=f, g=g)
    return kernel_of_widths(f, kernels) * gaussian_kernel(squared_distances(g), [PREDICTION_WIDTH])


class JAN(Objective):
    """loss = task + lambda * joint MMD^2 of (f, softmax(z)).

    Two classes with the same features but other predictions count as far from each other.
    """

    name = "jan"
    title = "JAN (equal joint embeddings of features and predictions)"
    terms = ("task", "joint mmd")
    family = "discrepancy"
    year = 2017
    acts_on = "predictions"
    settings: ClassVar[tuple[Setting, ...]] = (KERNELS,)
    kernels: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f = torch.cat([batch.fs, batch.ft])
        g = torch.cat([batch.zs, batch.zt]).softmax(1)
        jmmd = mmd2_of_kernel(joint_kernel(f, g, self.kernels), len(batch.fs))
        return {"task": task_loss(batch), "joint mmd": batch.weight * jmmd}
