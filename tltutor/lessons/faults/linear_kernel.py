"""MMD with the features themselves for a kernel: the squared distance of two means, blind to everything but means."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.faults.mistake import MISTAKE
from tltutor.objectives.mmd import MMD
from tltutor.objectives.objective import Glance, task_loss
from tltutor.settings import Setting


class LinearKernel(MMD):
    """k(a, b) = a . b, where a Gaussian kernel is meant."""

    settings: ClassVar[tuple[Setting, ...]] = (*MMD.settings, MISTAKE)
    mistake: bool

    def broken(self, now: Glance) -> dict[str, Tensor]:
        apart = now.fs.mean(0) - now.ft.mean(0)
        return {"task": task_loss(now), "mmd": now.weight * apart.square().sum()}

    def right(self, now: Glance) -> dict[str, Tensor]:
        return MMD.forward(self, now)

    def forward(self, now: Glance) -> dict[str, Tensor]:
        return self.broken(now) if self.mistake else self.right(now)
