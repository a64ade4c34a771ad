"""ADDA (Tzeng et al., 2017): a copy of the trained network learns to make target features that a discriminator takes for the source's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.objectives.dann import domain_loss, new_discriminator
from tltutor.objectives.objective import Batch, Objective, Phase, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class ADDA(Objective):
    """Two chapters. First the source alone: loss = task. Then the network stands still as the source's encoder, and its twin,
    which goes on as the target's, takes turns with the discriminator.

    Discriminator D: BCE(D(source encoder(xs)), 0; D(ft), 1). Target encoder: lambda * BCE(D(ft), 0), the inverted label
    (Tzeng et al., 2017), not a reversed gradient. The head is the source's and trains in the first chapter only.
    """

    name = "adda"
    title = "ADDA (a second encoder fools the discriminator)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "source_share",
            0.5,
            0.0,
            1.0,
            "linear",
            live=False,
            text="Share of the run that learns the source first; 0 for a network that is trained already.",
        ),
    )
    source_share: float
    discriminator: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.discriminator = new_discriminator(network.feature_width, 500, rng)  # 500 units, as in each of the paper's two layers
        self.source_encoder = Teacher().meet(network)
        self.parted = self.source_share == 0  # the copy is made already

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        if progress < self.source_share:
            return (Phase("source", ("body", "head")),)
        return Phase("discriminator", ("objective",)), Phase("encoder", ("body",))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        if batch.phase == "source":
            return {"task": task_loss(batch)}
        if not self.parted:
            self.source_encoder.met().load_state_dict(batch.network.state_dict())
            self.parted = True
        if batch.phase == "discriminator":
            fs = self.source_encoder(batch.xs, "source").f
            return {"discriminator": domain_loss(self.discriminator(torch.cat([fs, batch.ft])), len(fs))}
        logit = self.discriminator(batch.ft)
        return {"fool": batch.weight * F.binary_cross_entropy_with_logits(logit, torch.zeros_like(logit))}
