"""Transport without a plan: every source example is paired with every target example alike."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.deep_jdot import DeepJDOT, transport_plan
from tltutor.objectives.objective import Batch, task_loss
from tltutor.settings import Setting


class EachWithEach(DeepJDOT):
    """Minimize the mean cost of all pairs: it has the right rows and columns, and is the dearest of the simple plans."""

    settings: ClassVar[tuple[Setting, ...]] = (*DeepJDOT.settings, MISTAKE)
    mistake: bool

    def broken(self, C: Tensor) -> Tensor:
        return torch.full_like(C, 1 / C.numel())

    def right(self, C: Tensor) -> Tensor:
        return transport_plan(C)

    def coupling(self, batch: Batch) -> Tensor:
        C = self.costs(batch)
        return self.broken(C) if self.mistake else self.right(C)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        plan = self.broken(C) if self.mistake else self.right(C)
        return {"task": task_loss(batch), "transport": batch.weight * (plan * C).sum()}


FAULTS = {"each-with-each": EachWithEach}
