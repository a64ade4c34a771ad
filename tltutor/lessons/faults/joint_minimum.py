"""DANN as one minimum over all parameters: the critic's loss is added without the reversal, and the features help the critic."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.lessons.faults.mistake import MISTAKE
from tltutor.objectives.dann import DANN, domain_loss, reverse_gradient
from tltutor.objectives.objective import Glance, task_loss
from tltutor.settings import Setting


class JointMinimum(DANN):
    """min over features, head and critic of Ly + lambda Ld, where a saddle point is meant."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, MISTAKE)
    mistake: bool

    def broken(self, now: Glance) -> dict[str, Tensor]:
        f = torch.cat([now.fs, now.ft])
        logit = self.critic(f)
        return {"task": task_loss(now), "domain": now.weight * domain_loss(logit, len(now.fs))}

    def right(self, now: Glance) -> dict[str, Tensor]:
        f = torch.cat([now.fs, now.ft])
        logit = self.critic(reverse_gradient(f, now.weight))
        return {"task": task_loss(now), "domain": domain_loss(logit, len(now.fs))}

    def forward(self, now: Glance) -> dict[str, Tensor]:
        return self.broken(now) if self.mistake else self.right(now)
