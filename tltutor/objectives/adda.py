"""ADDA (Tzeng et al., 2017): a copy of the trained network learns to make target features that a critic takes for the source's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.objectives.dann import domain_loss, new_critic
from tltutor.objectives.objective import Glance, Objective, Phase, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class ADDA(Objective):
    """Two chapters. First the source alone: loss = task. Then the network stands still as the source's encoder, and its twin,
    which goes on as the target's, takes turns with the critic.

    Critic: BCE(critic(source encoder(xs)), 0; critic(ft), 1). Target encoder: lambda * BCE(critic(ft), 0), the inverted label
    (Tzeng et al., 2017), not a reversed gradient. The head is the source's and trains in the first chapter only.
    """

    name = "adda"
    title = "ADDA (a second encoder fools the critic)"
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
    critic: nn.Sequential

    def bind(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.critic = new_critic(network.feature_width, 500, rng)  # 500 units, as in each of the paper's two layers
        self.source_encoder = Teacher().meet(network)
        self.parted = self.source_share == 0  # the copy is made already

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        if progress < self.source_share:
            return (Phase("source", ("body", "head")),)
        return Phase("critic", ("objective",)), Phase("encoder", ("body",))

    def forward(self, now: Glance) -> dict[str, Tensor]:
        if now.phase == "source":
            return {"task": task_loss(now)}
        if not self.parted:
            self.source_encoder.met().load_state_dict(now.network.state_dict())
            self.parted = True
        if now.phase == "critic":
            fs = self.source_encoder(now.xs, "source").f
            return {"critic": domain_loss(self.critic(torch.cat([fs, now.ft])), len(fs))}
        logit = self.critic(now.ft)
        return {"fool": now.weight * F.binary_cross_entropy_with_logits(logit, torch.zeros_like(logit))}
