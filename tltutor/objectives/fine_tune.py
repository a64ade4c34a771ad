"""Fine-tuning: continue to train a network on a few labeled target examples. The starting weights are the transfer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, labeled_loss
from tltutor.objectives.rates import HEAD_RATE, STAGE_RATE, THAW, frozen_stages, stage_rates
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.networks import Network

LABELS = Setting(
    "labels_per_class",
    5,
    1,
    1000,
    "int",
    live=False,
    symbol="k",
    text="Labeled target examples per class, drawn by seed.",
)


class FineTune(Objective):
    """loss = cross-entropy of the labeled target batch (Yosinski et al., 2014, study what frozen stages do).

    Pass a trained network: from a random start this is training from scratch, and freezing teaches nothing.
    head_rate and stage_rate: slower learning for earlier stages. thaw: gradual unfreezing (Howard & Ruder, 2018).
    While `thaw` runs it changes the freeze depth and logs it; between its changes the slider still works.
    """

    name = "fine-tune"
    title = "Fine-tuning on k target labels a class"
    terms = ("task",)
    family = "fine-tuning"
    year = 2014
    takes_boxes = True
    settings: ClassVar[tuple[Setting, ...]] = (LABELS, HEAD_RATE, STAGE_RATE, THAW)
    batches: ClassVar[frozenset[str]] = frozenset({"labeled"})
    weighted: ClassVar[bool] = False
    head_rate: float
    stage_rate: float
    thaw: float

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        return stage_rates(network.stages, self.stage_rate, self.head_rate)

    def setting_schedule(self, progress: float, network: Network) -> Mapping[str, Any]:
        return (
            {"freeze_depth": frozen_stages(progress, network.depth, self.thaw)} if self.thaw else {}
        )

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": labeled_loss(batch)}
