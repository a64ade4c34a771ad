"""Entropy minimization (Grandvalet & Bengio, 2004): make confident predictions on the target, whichever class they name."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def entropy(z: Tensor) -> Tensor:
    """Return H(p) = -sum_c p_c log p_c in nats, with p = softmax(z) of logits z (n, k): (n,).

    It is 0 for a certain prediction and log k for a uniform one.
    """
    check_features(z=z)
    log_p = z.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)


def entropy_weights(z: Tensor) -> Tensor:
    """Return w_i = n (1 + exp(-H_i)) / sum_j (1 + exp(-H_j)) of logits z (n, k): (n,), detached.

    The mean is 1; confident predictions weigh more. Long et al., 2018 (CDAN+E), and Jin et al., 2020 (MCC).
    """
    w = 1 + torch.exp(-entropy(z).detach())
    return w / w.mean()


class Entropy(Objective):
    """loss = task + lambda * mean H(softmax(zt)) (Grandvalet & Bengio, 2004).

    The paper chooses lambda by cross-validation. Without target labels a small one is safer: a network that predicts
    one class for all of the target has no entropy either.
    """

    name = "entropy"
    title = "Entropy minimization (confident predictions)"
    terms = ("task", "entropy")
    family = "predictions"
    year = 2004
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "entropy": batch.weight * entropy(batch.zt).mean()}
