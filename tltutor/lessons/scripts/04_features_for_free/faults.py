"""Logits passed to a loss that expects probabilities: it clips them to 0..1, and clipped values have no gradient.

The same happens in Keras on TensorFlow with `Dense(num_classes)` without softmax and `sparse_categorical_crossentropy` without
`from_logits=True`.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.fine_tune import FineTune
from tltutor.objectives.objective import Batch, labeled_batch
from tltutor.settings import Setting


class LogitsAsProbabilities(FineTune):
    """The class loss of logits z (n, k) and labels y (n,)."""

    settings: ClassVar[tuple[Setting, ...]] = (*FineTune.settings, MISTAKE)
    mistake: bool

    def broken(self, z: Tensor, y: Tensor) -> Tensor:
        p = z.clamp(1e-7, 1 - 1e-7)
        return F.nll_loss((p / p.sum(1, keepdim=True)).log(), y)

    def right(self, z: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(z, y)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        labeled = labeled_batch(batch)
        return {"task": (self.broken if self.mistake else self.right)(labeled.z, labeled.y)}


FAULTS = {"logits-as-probabilities": LogitsAsProbabilities}
