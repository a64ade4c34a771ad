"""MMD with the features themselves for a kernel: the squared distance of two means, blind to everything but means."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.faults.mistake import MISTAKE
from tltutor.objectives.mmd import MMD
from tltutor.objectives.objective import Batch, task_loss
from tltutor.settings import Setting


class LinearKernel(MMD):
    """k(a, b) = a . b, where a Gaussian kernel is meant."""

    settings: ClassVar[tuple[Setting, ...]] = (*MMD.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> dict[str, Tensor]:
        apart = batch.fs.mean(0) - batch.ft.mean(0)
        return {"task": task_loss(batch), "mmd": batch.weight * apart.square().sum()}

    def right(self, batch: Batch) -> dict[str, Tensor]:
        return MMD.forward(self, batch)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return self.broken(batch) if self.mistake else self.right(batch)
