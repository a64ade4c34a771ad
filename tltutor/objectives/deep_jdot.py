"""DeepJDOT (Damodaran et al., 2018): optimal transport pairs source and target; partners become alike in feature and label."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.kernels import squared_distances
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting


def joint_costs(batch: Batch, alpha: float, label_weight: float) -> Tensor:
    """Return C_ij = alpha ||fs_i - ft_j||^2 + beta CE(ys_i, zt_j): (n_s, n_t) (Damodaran et al., 2018).

    label_weight is beta.
    """
    n_s = len(batch.fs)
    d2 = squared_distances(torch.cat([batch.fs, batch.ft]))[:n_s, n_s:]
    return alpha * d2 - label_weight * batch.zt.log_softmax(1)[:, batch.ys].T


def transport_plan(C: Tensor) -> Tensor:
    """Return the plan G >= 0 (n_s, n_t) that minimizes sum G C, with rows 1/n_s and columns 1/n_t; no gradient.

    C: costs (n_s, n_t). POT computes it. If a cost is not finite, the plan is uniform and the loss shows the fault.
    """
    import ot  # here, because it takes a while to load

    check_features(C=C)
    costs = C.detach().double().cpu()
    if not costs.isfinite().all():
        return torch.full_like(C, 1 / C.numel())
    return torch.from_numpy(ot.emd([], [], costs.numpy())).to(C)


class DeepJDOT(Objective):
    """loss = task + lambda * sum_ij G_ij C_ij, with the best plan G for the batch, detached.

    alpha .001 and a label weight of .0001 are the authors' for digits, in batches of 500 and after training on the
    source. At a weight of 1, small batches teach wrong labels of an early plan.
    """

    name = "deep-jdot"
    title = "DeepJDOT (optimal transport of features and labels)"
    terms = ("task", "transport")
    family = "discrepancy"
    year = 2018
    acts_on = "predictions"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "alpha",
            0.001,
            0.0,
            10.0,
            "log",
            symbol="α",
            text="Cost of the distance between two features.",
        ),
        Setting(
            "label_weight", 0.0001, 0.0, 10.0, "log", symbol="β", text="Cost of a wrong label."
        ),
    )
    alpha: float
    label_weight: float

    def costs(self, batch: Batch) -> Tensor:
        """Return `joint_costs` of the batch with this objective's alpha and label weight: (n_s, n_t)."""
        return joint_costs(batch, self.alpha, self.label_weight)

    def coupling(self, batch: Batch) -> Tensor:
        return transport_plan(self.costs(batch))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        return {"task": task_loss(batch), "transport": batch.weight * (transport_plan(C) * C).sum()}
