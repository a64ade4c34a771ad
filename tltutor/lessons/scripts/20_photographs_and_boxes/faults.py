"""Boxes whose corners come as row and column, for a loss that reads column and row: both run, and one of them learns nothing true."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.objective import Batch
from tltutor.objectives.source_only import SourceOnly
from tltutor.settings import Setting


class RowsFirst(SourceOnly):
    """The boxes y (n, m, 5) that the loss sees: y1, x1, y2, x2 and the class, or x1, y1, x2, y2 and the class."""

    settings: ClassVar[tuple[Setting, ...]] = (*SourceOnly.settings, MISTAKE)
    mistake: bool

    def broken(self, y: Tensor) -> Tensor:
        return y[..., [1, 0, 3, 2, 4]]

    def right(self, y: Tensor) -> Tensor:
        return y

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        y = (self.broken if self.mistake else self.right)(batch.ys)
        return {"task": batch.task.loss(batch.zs, y)}


FAULTS = {"rows-first": RowsFirst}
