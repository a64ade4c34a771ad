"""DANN as one minimum over all parameters: without the reversal, the features help the discriminator."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.dann import DANN, domain_loss, reverse_gradient
from tltutor.objectives.objective import Batch, task_loss
from tltutor.settings import Setting


class JointMinimum(DANN):
    """Minimize Ly + lambda Ld over features, head and discriminator, instead of finding a saddle point."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> dict[str, Tensor]:
        f = torch.cat([batch.fs, batch.ft])
        logit = self.discriminator(f)
        return {
            "task": task_loss(batch),
            "domain": batch.weight * domain_loss(logit, len(batch.fs)),
        }

    def right(self, batch: Batch) -> dict[str, Tensor]:
        f = torch.cat([batch.fs, batch.ft])
        logit = self.discriminator(reverse_gradient(f, batch.weight))
        return {"task": task_loss(batch), "domain": domain_loss(logit, len(batch.fs))}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return self.broken(batch) if self.mistake else self.right(batch)


FAULTS = {"joint-minimum": JointMinimum}
