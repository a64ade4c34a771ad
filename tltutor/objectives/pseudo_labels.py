"""Pseudo-labels (Lee, 2013): on the target, learn your own sure answers as if they were true."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

THRESHOLD = Setting("threshold", 0.95, 0.0, 1.0, "linear", symbol="τ", text="Answers less sure than this teach nothing.")


def sure_answers(z: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """The most likely class of logits (n, k) and whether its probability reaches the threshold: (n,) int64, (n,) bool."""
    p, y = z.softmax(1).max(1)
    return y, p >= threshold


def pseudo_label_loss(z: Tensor, y: Tensor, sure: Tensor) -> Tensor:
    """(1/n) sum over the sure of CE(z_i, y_i): over all n, so that few sure answers weigh little (Sohn et al., 2020, eq. 4)."""
    return (sure * F.cross_entropy(z, y, reduction="none")).mean()


def ramp(progress: float, start: float = 0.1, end: float = 0.6) -> float:
    """alpha(p): 0 until `start`, then straight up to 1 at `end` (Lee, 2013, eq. 16, with shares of the run as T1 and T2)."""
    return min(max((progress - start) / (end - start), 0.0), 1.0)


class PseudoLabels(Objective):
    """loss = task + lambda * alpha(p) * CE(zt, argmax zt) over sure answers; lambda is the paper's alpha_f, 3.

    The paper has no threshold (set it to 0 for that) and ramps from epoch 100 to 600 of about 1000.
    """

    name = "pseudo-labels"
    title = "Pseudo-labels (learn your own sure answers)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=3.0)
    settings: ClassVar[tuple[Setting, ...]] = (THRESHOLD,)
    threshold: float

    def schedule(self, progress: float) -> float:
        return ramp(progress)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        y, sure = sure_answers(batch.zt, self.threshold)
        return {"task": task_loss(batch), "pseudo-labels": batch.weight * pseudo_label_loss(batch.zt, y, sure)}
