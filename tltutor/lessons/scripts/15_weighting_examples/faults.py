"""Importance weights upside down: source examples count the more, the less they look like the target's."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.importance import ImportanceWeighting
from tltutor.settings import Setting


class UpsideDown(ImportanceWeighting):
    """Weigh by p_s / p_t in place of p_t / p_s."""

    settings: ClassVar[tuple[Setting, ...]] = (MISTAKE,)
    mistake: bool

    def broken(self, x: Tensor, weight: float) -> Tensor:
        return super().source_weights(x, -weight)

    def right(self, x: Tensor, weight: float) -> Tensor:
        return super().source_weights(x, weight)

    def source_weights(self, x: Tensor, weight: float) -> Tensor:
        return self.broken(x, weight) if self.mistake else self.right(x, weight)


FAULTS = {"upside-down": UpsideDown}
