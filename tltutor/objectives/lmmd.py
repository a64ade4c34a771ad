"""DSAN's local MMD (Zhu et al., 2020): each source class against the target examples that are likely of it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.dan import KERNELS
from tltutor.objectives.dann import GAMMA, schedule
from tltutor.objectives.kernels import kernel_of_widths
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def shares(y: Tensor) -> Tensor:
    """w_ic = y_ic / sum_j y_jc of labels as probabilities (n, k): each column sums to 1, or is 0 for an absent class."""
    return y / y.sum(0).clamp_min(torch.finfo(y.dtype).tiny)


def local_mmd2(k: Tensor, ys: Tensor, pt: Tensor) -> Tensor:
    """Mean over the classes c of ||sum_i w_ic phi(s_i) - sum_j w_jc phi(t_j)||^2 (Zhu et al., 2020, LMMD).

    k: pooled kernel (n_s + n_t, n_s + n_t); ys: source labels (n_s,); pt: the target's probabilities (n_t, classes).
    Classes of which the batch has no source example are left out.
    """
    one_hot = F.one_hot(ys, pt.shape[1]).to(k.dtype)
    w = torch.cat([shares(one_hot), -shares(pt)])
    each = (w * (k @ w)).sum(0)
    return each[one_hot.any(0)].mean()


class LMMD(Objective):
    """loss = task + lambda * local MMD^2 of the features; the target's soft labels are softmax(zt), held fixed.

    lambda is .5 along DANN's schedule, as in the authors' code, which adds up five kernels where this is their mean, and leaves
    out classes that no target answer names. Never negative: it is a biased estimate.
    """

    name = "lmmd"
    title = "DSAN (equal mean embeddings class by class)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.5)
    settings: ClassVar[tuple[Setting, ...]] = (KERNELS, GAMMA)
    kernels: int
    gamma: float

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        k = kernel_of_widths(torch.cat([batch.fs, batch.ft]), self.kernels)
        lmmd = local_mmd2(k, batch.ys, batch.zt.detach().softmax(1))
        return {"task": task_loss(batch), "local mmd": batch.weight * lmmd}
