"""Pseudo-labels (Lee, 2013): on the target, learn the network's own confident predictions as if they were labels."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_labels
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

THRESHOLD = Setting(
    "threshold",
    0.95,
    0.0,
    1.0,
    "linear",
    symbol="τ",
    text="Predictions with a lower probability teach nothing.",
)


def confident_predictions(z: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Return the predicted classes of logits z (n, k), int64 (n,), and whether their probability reaches the threshold, bool (n,)."""
    check_features(z=z)
    p, y = z.softmax(1).max(1)
    return y, p >= threshold


def pseudo_label_loss(z: Tensor, y: Tensor, confident: Tensor) -> Tensor:
    """Return (1/n) sum over confident i of CE(z_i, y_i), of logits z (n, k), classes y (n,), bools confident (n,).

    Sohn et al., 2020, eq. 4. The mean is over all n, so that few confident predictions weigh little.
    """
    check_features(z=z)
    check_labels(z, y=y)
    if not isinstance(confident, Tensor):
        raise TypeError(
            f"confident must be a tensor (n,) of bools, got {type(confident).__name__}: torch.tensor(confident, dtype=torch.bool)"
        )
    return (confident * F.cross_entropy(z, y, reduction="none")).mean()


def ramp(progress: float, start: float = 0.1, end: float = 0.6) -> float:
    """Return alpha(p): 0 until `start`, then linear up to 1 at `end` (Lee, 2013, eq. 16, T1 and T2 as shares of the run)."""
    return min(max((progress - start) / (end - start), 0.0), 1.0)


class PseudoLabels(Objective):
    """loss = task + lambda * alpha(p) * CE(zt, argmax zt) over confident predictions. lambda is the paper's alpha_f, 3.

    The paper has no threshold (0 here) and ramps from epoch 100 to 600 of about 1000.
    """

    name = "pseudo-labels"
    title = "Pseudo-labels (learn your own confident predictions)"
    terms = ("task", "pseudo-labels")
    family = "predictions"
    year = 2013
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(LAMBDA, default=3.0)
    settings: ClassVar[tuple[Setting, ...]] = (THRESHOLD,)
    threshold: float

    def schedule(self, progress: float) -> float:
        return ramp(progress)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        y, confident = confident_predictions(batch.zt, self.threshold)
        return {
            "task": task_loss(batch),
            "pseudo-labels": batch.weight * pseudo_label_loss(batch.zt, y, confident),
        }
