"""MCC (Jin et al., 2020): minimum class confusion; no target example should be undecided between two classes."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.entropy import entropy_weights
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting


def class_confusion(zt: Tensor, T: float) -> Tensor:
    """Return (1/k) sum_{j != j'} C_jj' with C = P' diag(w) P, each row divided by its sum (Jin et al., 2020).

    P = softmax(zt / T) of logits zt (n, k). A temperature T above 1 shows the second choices of overconfident
    predictions.
    """
    check_features(zt=zt)
    P = (zt / T).softmax(1)
    C = P.T @ (entropy_weights(zt / T)[:, None] * P)
    C = C / C.sum(1, keepdim=True).clamp_min(
        torch.finfo(C.dtype).tiny
    )  # a class without predictions has an empty row
    return (C.sum() - C.trace()) / len(C)


class MCC(Objective):
    """loss = task + lambda * class confusion of the target. It aligns no features; the source only teaches the task."""

    name = "mcc"
    title = "MCC (minimum class confusion)"
    terms = ("task", "confusion")
    family = "predictions"
    year = 2020
    acts_on = "predictions"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "temperature",
            2.5,
            0.1,
            20.0,
            "log",
            symbol="T",
            text="Softens the predictions; 2.5 in the authors' code.",
        ),
    )
    temperature: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {
            "task": task_loss(batch),
            "confusion": batch.weight * class_confusion(batch.zt, self.temperature),
        }
