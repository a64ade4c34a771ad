"""Entropy minimisation (Grandvalet & Bengio, 2004): be sure about the target, whatever the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def entropy(z: Tensor) -> Tensor:
    """H(p) = -sum_c p_c log p_c in nats of p = softmax(z), logits (n, k): (n,), 0 for a sure answer, log k for none."""
    log_p = z.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)


def certainty(z: Tensor) -> Tensor:
    """w_i = n (1 + exp(-H_i)) / sum_j (1 + exp(-H_j)) of logits (n, k): (n,), 1 on average, larger for the surer; detached."""
    w = 1 + torch.exp(-entropy(z.detach()))
    return w / w.mean()


class Entropy(Objective):
    """loss = task + lambda * mean H(softmax(zt)) (Grandvalet & Bengio, 2004).

    The paper chooses lambda by cross-validation; without target labels a small one is the careful choice: a network that calls
    all of the target one class has no entropy either.
    """

    name = "entropy"
    title = "Entropy minimisation (sure answers)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "entropy": batch.weight * entropy(batch.zt).mean()}
