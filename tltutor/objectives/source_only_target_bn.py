"""Source-only with the target's BatchNorm statistics: the loss is the source's, but target images normalize the target."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, task_loss


class SourceOnlyTargetBN(Objective):
    """loss = the task's loss on the source; the target only passes through, to move its own BatchNorm statistics.

    Unlabeled target images are used, so this is adaptation: the simplest, of the kind of AdaBN (Li et al., 2016), during
    training. On a network without BatchNorm it is source-only.
    """

    name = "source-only-target-bn"
    title = "Source only + target statistics (BatchNorm)"
    terms = ("task",)
    family = "baseline"
    takes_boxes = True
    batches: ClassVar[frozenset[str]] = frozenset({"source"})
    weighted: ClassVar[bool] = False

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch)}
