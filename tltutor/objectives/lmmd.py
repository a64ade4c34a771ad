"""DSAN's local MMD (Zhu et al., 2020): align each source class with the target examples that are likely of that class."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_labels
from tltutor.objectives.dan import KERNELS
from tltutor.objectives.dann import GAMMA, schedule
from tltutor.objectives.kernels import kernel_of_widths
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def shares(y: Tensor) -> Tensor:
    """Return w_ic = y_ic / sum_j y_jc of class probabilities y (n, k): columns sum to 1, or are 0 for absent classes."""
    check_features(y=y)
    return y / y.sum(0).clamp_min(torch.finfo(y.dtype).tiny)


def local_mmd2(k: Tensor, ys: Tensor, pt: Tensor) -> Tensor:
    """Return the mean over classes c of ||sum_i w_ic phi(s_i) - sum_j w_jc phi(t_j)||^2.

    k: pooled kernel (n_s + n_t, n_s + n_t); ys: source labels (n_s,); pt: the target's probabilities (n_t, classes).
    Classes without a source example in the batch are left out. Zhu et al., 2020, LMMD.
    """
    check_features(k=k)
    check_features(pt=pt)
    check_labels(k[: len(k) - len(pt)], ys=ys)
    one_hot = F.one_hot(ys, pt.shape[1]).to(k.dtype)
    w = torch.cat([shares(one_hot), -shares(pt)])
    distances = (w * (k @ w)).sum(0)  # one per class
    return distances[one_hot.any(0)].mean()


class LMMD(Objective):
    """loss = task + lambda * local MMD^2 of the features, with softmax(zt), detached, as the target's soft labels.

    lambda is .5 and follows DANN's schedule, as in the authors' code. That code adds up five kernels, of which this
    is the mean, and leaves out classes that no target prediction names. The estimate is biased and never negative.
    """

    name = "lmmd"
    title = "DSAN (equal mean embeddings class by class)"
    terms = ("task", "local mmd")
    family = "discrepancy"
    year = 2020
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
