"""The class loss on target examples too: they have no labels, so those of the source batch stand beside images they do not belong to."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.faults.mistake import MISTAKE
from tltutor.objectives.dann import DANN, domain_loss, reverse_gradient
from tltutor.objectives.objective import Glance
from tltutor.settings import Setting


class TargetLabels(DANN):
    """Ly over both domains, where only the source is labelled."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, MISTAKE)
    mistake: bool

    def broken(self, now: Glance) -> Tensor:
        z, y = torch.cat([now.zs, now.zt]), torch.cat([now.ys, now.ys])
        return F.cross_entropy(z, y)

    def right(self, now: Glance) -> Tensor:
        return F.cross_entropy(now.zs, now.ys)

    def forward(self, now: Glance) -> dict[str, Tensor]:
        logit = self.critic(reverse_gradient(torch.cat([now.fs, now.ft]), now.weight))
        task = self.broken(now) if self.mistake else self.right(now)
        return {"task": task, "domain": domain_loss(logit, len(now.fs))}
