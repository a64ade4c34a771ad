"""The class loss on target examples too: they have no labels, so they get those of unrelated source images."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.dann import DANN, domain_loss, reverse_gradient
from tltutor.objectives.objective import Batch
from tltutor.settings import Setting


class TargetLabels(DANN):
    """Ly over both domains, although only the source is labeled."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> Tensor:
        z, y = torch.cat([batch.zs, batch.zt]), torch.cat([batch.ys, batch.ys])
        return F.cross_entropy(z, y)

    def right(self, batch: Batch) -> Tensor:
        return F.cross_entropy(batch.zs, batch.ys)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        logit = self.discriminator(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        task = self.broken(batch) if self.mistake else self.right(batch)
        return {"task": task, "domain": domain_loss(logit, len(batch.fs))}


FAULTS = {"target-labels": TargetLabels}
