"""Fine-tuning: go on training a network on a few labelled target examples. The start is the transfer."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.objectives.objective import Glance, Objective, labelled_loss
from tltutor.settings import Setting

LABELS = Setting(
    "labels_per_class",
    5,
    1,
    1000,
    "int",
    live=False,
    symbol="k",
    text="How many labelled target examples a class has; drawn by seed.",
)


class FineTune(Objective):
    """loss = cross-entropy of the labelled target batch (Yosinski et al., 2014, for what the frozen stages do).

    Pass a network trained elsewhere: from a random start this is training from scratch, and freezing teaches nothing.
    """

    name = "fine-tune"
    title = "Fine-tuning on k target labels a class"
    settings: ClassVar[tuple[Setting, ...]] = (LABELS,)
    uses: ClassVar[frozenset[str]] = frozenset({"labelled"})

    def forward(self, now: Glance) -> dict[str, Tensor]:
        return {"task": labelled_loss(now)}
