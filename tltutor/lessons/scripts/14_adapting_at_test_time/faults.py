"""TENT with mean and entropy exchanged: one confident answer for the whole batch, in place of one for each image."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.entropy import entropy
from tltutor.objectives.objective import Batch
from tltutor.objectives.tent import TENT
from tltutor.settings import Setting


class EntropyOfMean(TENT):
    """Minimize the entropy of the batch's mean prediction: it is 0 where all images get one class."""

    settings: ClassVar[tuple[Setting, ...]] = (MISTAKE,)
    mistake: bool

    def broken(self, batch: Batch) -> dict[str, Tensor]:
        p = batch.zt.softmax(1).mean(0).clamp_min(1e-12)
        return {"entropy": batch.weight * -(p * p.log()).sum()}

    def right(self, batch: Batch) -> dict[str, Tensor]:
        return {"entropy": batch.weight * entropy(batch.zt).mean()}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return self.broken(batch) if self.mistake else self.right(batch)


FAULTS = {"entropy-of-mean": EntropyOfMean}
