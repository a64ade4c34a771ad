"""ADDA (Tzeng et al., 2017): a copy of the trained network learns target features that a discriminator takes for source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.inference import outputs
from tltutor.objectives.dann import domain_loss, new_discriminator, target_probability
from tltutor.objectives.objective import Batch, Objective, Phase, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

HIDDEN = 500  # units of the discriminator, as in each of the paper's two layers


class ADDA(Objective):
    """Two parts of a run. First the source alone: loss = task. Then a frozen copy of the network stays as source encoder.

    The network goes on as target encoder and takes turns with the discriminator D:
    D minimizes BCE(D(source encoder(xs)), 0; D(ft), 1), the target encoder lambda * BCE(D(ft), 0). The label is
    inverted (Tzeng et al., 2017), not the gradient. The head trains in the first part only.
    """

    name = "adda"
    title = "ADDA (a second encoder fools the discriminator)"
    terms = ("task", "discriminator", "fool")
    family = "adversarial"
    year = 2017
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "source_share",
            0.5,
            0.0,
            1.0,
            "linear",
            live=False,
            text="Share of the run that trains on the source first; 0 for a trained network.",
        ),
    )
    source_share: float
    discriminator: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.discriminator = new_discriminator(network.feature_width, HIDDEN, rng)
        self.source_encoder = Teacher().setup(network)
        self.is_copied = (
            self.source_share == 0
        )  # then the copy of the given network is the source encoder

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        if progress < self.source_share:
            return (Phase("source", ("body", "head")),)
        return Phase("discriminator", ("objective",)), Phase("encoder", ("body",))

    def domain_opinion(self, batch: Batch) -> Tensor | None:
        """Return P(target) of the source encoder's features of the source and the network's of the target.

        It is None in the first part of the run, in which the discriminator does not learn.
        """
        if not self.is_copied:
            return None
        fs, _ = outputs(self.source_encoder.require_network(), batch.xs, "source")
        return target_probability(self.discriminator(torch.cat([fs, batch.ft])))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        if batch.phase == "source":
            return {"task": task_loss(batch)}
        if not self.is_copied:
            self.source_encoder.require_network().load_state_dict(batch.network.state_dict())
            self.is_copied = True
        if batch.phase == "discriminator":
            fs = self.source_encoder(batch.xs, "source").f
            return {
                "discriminator": domain_loss(self.discriminator(torch.cat([fs, batch.ft])), len(fs))
            }
        logit = self.discriminator(batch.ft)
        return {
            "fool": batch.weight
            * F.binary_cross_entropy_with_logits(logit, torch.zeros_like(logit))
        }
