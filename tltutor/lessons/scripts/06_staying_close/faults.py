"""L2-SP that holds a new head at its random start: R compares weights that the pretrained network does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.l2sp import L2SP, l2_sp
from tltutor.objectives.objective import Batch, labeled_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class HeldHead(L2SP):
    """Say which weights R compares with their start: all, or those of the stages alone; the rest is pulled to 0."""

    settings: ClassVar[tuple[Setting, ...]] = (*L2SP.settings, MISTAKE)
    mistake: bool

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.start = {name: p.detach().clone() for name, p in network.named_parameters()}

    def broken(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return weights

    def right(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: w for name, w in weights.items() if not name.startswith("head.")}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        held = (self.broken if self.mistake else self.right)(self.start)
        zero = {name: torch.zeros_like(w) for name, w in self.start.items() if name not in held}
        small = l2_sp(batch.network, zero) if zero else batch.zs.new_zeros(())
        return {
            "task": labeled_loss(batch),
            "stay close": batch.weight * l2_sp(batch.network, held),
            "small head": self.beta * small,
        }


FAULTS = {"held-head": HeldHead}
