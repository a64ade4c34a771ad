"""DSBN (Chang et al., 2019): source and target share all weights, but each has its own BatchNorm layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from tltutor.networks.batchnorm import split_affine
from tltutor.objectives.dann import (
    GAMMA,
    domain_loss,
    new_discriminator,
    reverse_gradient,
    schedule,
    target_probability,
)
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class DSBN(Objective):
    """loss = task + BCE(D(reverse_gradient(f))) on a network whose BatchNorms have a scale and shift for each domain.

    DSBN is a layer, not a loss. The paper puts it under losses of others; here it is DANN's, to compare the two.
    This is the paper's first stage; its second trains again on pseudo-labels. Its BatchNorm mode is always "separate".
    """

    name = "dsbn"
    title = "DSBN (a BatchNorm for each domain, under DANN)"
    terms = ("task", "domain")
    family = "batchnorm"
    branch = "discriminator"
    year = 2019
    settings: ClassVar[tuple[Setting, ...]] = (GAMMA,)
    batchnorm: ClassVar[Literal["separate"]] = "separate"
    gamma: float
    discriminator: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        split_affine(network)
        self.discriminator = new_discriminator(network.feature_width, 100, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def domain_opinion(self, batch: Batch) -> Tensor:
        return target_probability(self.discriminator(torch.cat([batch.fs, batch.ft])))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        logit = self.discriminator(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        return {"task": task_loss(batch), "domain": domain_loss(logit, len(batch.fs))}
