"""Two tasks through one head: the answer to "odd or even?" is taught to the head that answers "which digit?"."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.objective import Batch, labeled_loss
from tltutor.objectives.shared_trunk import SharedTrunk
from tltutor.settings import Setting


class OneHead(SharedTrunk):
    """The second task's logits for the source batch: from the first task's head, and from a head of its own."""

    settings: ClassVar[tuple[Setting, ...]] = (*SharedTrunk.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> Tensor:
        return batch.zs

    def right(self, batch: Batch) -> Tensor:
        head = self.heads[0]
        return head(batch.fs)  # type: ignore[no-any-return]

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        logits = (self.broken if self.mistake else self.right)(batch)
        second = F.cross_entropy(logits, batch.ys % 2)
        return {"task": labeled_loss(batch), "source tasks": batch.weight * second}


FAULTS = {"one-head": OneHead}
