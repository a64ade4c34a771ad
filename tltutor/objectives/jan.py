"""JAN (Long et al., 2017): equal joint embeddings of features and answers, through the product of their kernels."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.dan import KERNELS
from tltutor.objectives.kernels import gaussian_kernel, kernel_of_widths, squared_distances
from tltutor.objectives.mmd import mmd2_of_kernel
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

ANSWER_WIDTH = (1.68 / 2) ** 0.5  # the authors' code has exp(-d^2 / 1.68) between probabilities


def joint_kernel(f: Tensor, g: Tensor, kernels: int) -> Tensor:
    """k(i, j) = k_f(f_i, f_j) k_g(g_i, g_j) of features (n, d) and probabilities (n, k): (n, n) (Long et al., 2017, JMMD)."""
    return kernel_of_widths(f, kernels) * gaussian_kernel(squared_distances(g), [ANSWER_WIDTH])


class JAN(Objective):
    """loss = task + lambda * joint MMD^2 of (f, softmax(z)). A target class that looks like another source class counts as far."""

    name = "jan"
    title = "JAN (equal joint embeddings of features and answers)"
    settings: ClassVar[tuple[Setting, ...]] = (KERNELS,)
    kernels: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f, g = torch.cat([batch.fs, batch.ft]), torch.cat([batch.zs, batch.zt]).softmax(1)
        jmmd = mmd2_of_kernel(joint_kernel(f, g, self.kernels), len(batch.fs))
        return {"task": task_loss(batch), "joint mmd": batch.weight * jmmd}
