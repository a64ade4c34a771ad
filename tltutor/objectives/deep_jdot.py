"""DeepJDOT (Damodaran et al., 2018): optimal transport pairs source and target; partners get alike in feature and label."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.kernels import squared_distances
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting


def joint_costs(batch: Batch, alpha: float, label_weight: float) -> Tensor:
    """C_ij = alpha ||fs_i - ft_j||^2 + beta CE(ys_i, zt_j): (n_s, n_t) (Damodaran et al., 2018)."""
    n_s = len(batch.fs)
    apart = squared_distances(torch.cat([batch.fs, batch.ft]))[:n_s, n_s:]
    return alpha * apart - label_weight * batch.zt.log_softmax(1)[:, batch.ys].T


def transport_plan(C: Tensor) -> Tensor:
    """The plan G >= 0 (n_s, n_t) with rows 1/n_s and columns 1/n_t that makes sum G C smallest, by POT; no gradient.

    Costs that are not finite have no best plan: then all are paired with all, and the loss tells.
    """
    import ot  # here, since it takes a while to load

    costs = C.detach().double().cpu()
    if not costs.isfinite().all():
        return torch.full_like(C, 1 / C.numel())
    return torch.from_numpy(ot.emd([], [], costs.numpy())).to(C)


class DeepJDOT(Objective):
    """loss = task + lambda * sum_ij G_ij C_ij, G the best plan for the batch as it stands; then only features and logits move.

    alpha .001 and a label weight of .0001 are the authors' for digits, in batches of 500 from a network that the source has
    trained. At a weight of 1, small batches teach from the start labels that the plan got wrong.
    """

    name = "deep-jdot"
    title = "DeepJDOT (optimal transport of features and labels)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("alpha", 0.001, 0.0, 10.0, "log", symbol="α", text="How much the distance of features costs."),
        Setting("label_weight", 0.0001, 0.0, 10.0, "log", symbol="β", text="How much a wrong label costs."),
    )
    alpha: float
    label_weight: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = joint_costs(batch, self.alpha, self.label_weight)
        return {"task": task_loss(batch), "transport": batch.weight * (transport_plan(C) * C).sum()}
