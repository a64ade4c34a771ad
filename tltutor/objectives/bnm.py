"""BNM (Cui et al., 2020): batch nuclear-norm maximisation; sure answers (as low entropy asks), yet of many classes."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, task_loss


def batch_nuclear_norm(z: Tensor) -> Tensor:
    """||P||_* / n, the sum of the singular values of P = softmax(z) (n, k), over n (Cui et al., 2020); nan where z is not finite."""
    if not z.isfinite().all():
        return z.new_full((), torch.nan)
    norm: Tensor = torch.linalg.matrix_norm(z.softmax(1), ord="nuc")
    return norm / len(z)


class BNM(Objective):
    """loss = task - lambda * ||softmax(zt)||_* / n_t. The second term is below 0 by its nature.

    A batch whose answers are sure and spread evenly over k classes has the largest norm, sqrt(k / n) for n >= k; one class
    for all has sqrt(1 / n): this is where it parts from entropy minimisation.
    """

    name = "bnm"
    title = "BNM (sure and diverse answers)"

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "nuclear norm": -batch.weight * batch_nuclear_norm(batch.zt)}
