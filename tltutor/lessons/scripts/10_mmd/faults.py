"""MMD with a linear kernel: the squared distance of two means, which ignores everything else."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.mmd import MMD
from tltutor.objectives.objective import Batch, task_loss
from tltutor.settings import Setting


class LinearKernel(MMD):
    """k(a, b) = a . b instead of a Gaussian kernel."""

    settings: ClassVar[tuple[Setting, ...]] = (*MMD.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> dict[str, Tensor]:
        difference = batch.fs.mean(0) - batch.ft.mean(0)
        return {"task": task_loss(batch), "mmd": batch.weight * difference.square().sum()}

    def right(self, batch: Batch) -> dict[str, Tensor]:
        return MMD.forward(self, batch)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return self.broken(batch) if self.mistake else self.right(batch)


FAULTS = {"linear-kernel": LinearKernel}
