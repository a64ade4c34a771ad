"""Source-only: train on the labeled source alone. The baseline that every transfer method is measured against."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, task_loss


class SourceOnly(Objective):
    """loss = cross-entropy of the source. The target has no part in the gradient."""

    name = "source-only"
    title = "Source only (no transfer)"
    terms = ("task",)
    family = "baseline"
    batches: ClassVar[frozenset[str]] = frozenset({"source"})
    weighted: ClassVar[bool] = False

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch)}
