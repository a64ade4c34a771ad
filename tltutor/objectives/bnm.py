"""BNM (Cui et al., 2020): batch nuclear-norm maximization; confident predictions, as for low entropy, yet of many classes."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import Batch, Objective, task_loss


def batch_nuclear_norm(z: Tensor) -> Tensor:
    """Return ||P||_* / n, the sum of the singular values of P = softmax(z) over n, of logits z (n, k).

    Cui et al., 2020. The result is nan if a logit is not finite.
    """
    check_features(z=z)
    if not z.isfinite().all():
        return z.new_full((), torch.nan)
    norm: Tensor = torch.linalg.matrix_norm(z.softmax(1), ord="nuc")
    return norm / len(z)


class BNM(Objective):
    """loss = task - lambda * ||softmax(zt)||_* / n_t. The second term is always negative.

    Confident predictions spread evenly over k classes have the largest norm, sqrt(k / n) for n >= k. One class for
    all has sqrt(1 / n), where entropy minimization sees no difference.
    """

    name = "bnm"
    title = "BNM (confident and diverse predictions)"
    terms = ("task", "nuclear norm")
    family = "predictions"
    year = 2020
    acts_on = "predictions"

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {
            "task": task_loss(batch),
            "nuclear norm": -batch.weight * batch_nuclear_norm(batch.zt),
        }
