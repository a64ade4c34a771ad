"""Source-only: train on the labeled source alone. The baseline that every transfer method is measured against."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, task_loss


class SourceOnly(Objective):
    """loss = the task's loss on the source.

    No target image is seen, in training or in judging: BatchNorm keeps to the source's statistics (batchnorm="source").
    """

    name = "source-only"
    title = "Source only (no transfer)"
    terms = ("task",)
    family = "baseline"
    takes_boxes = True
    batches: ClassVar[frozenset[str]] = frozenset({"source"})
    weighted: ClassVar[bool] = False
    batchnorm: ClassVar[Literal["source"]] = "source"

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch)}
