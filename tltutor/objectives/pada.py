"""PADA (Cao et al., 2018): adversarial adaptation when the target has only some of the source's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_labels, check_tensors
from tltutor.objectives.dann import (
    GAMMA,
    domain_loss,
    new_discriminator,
    reverse_gradient,
    schedule,
    target_probability,
)
from tltutor.objectives.objective import Batch, Objective
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def class_weights(share: Tensor) -> Tensor:
    """Return gamma / max gamma of the mean target probabilities gamma (k,): about 0 for absent classes.

    Cao et al., 2018, section 3.
    """
    check_tensors(share=share)
    return share / share.max()


def weighted_task(z: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Return (1/n) sum_i w_(y_i) CE(z_i, y_i) of logits z (n, k), labels y (n,) and class weights w (k,).

    Cao et al., 2018, section 3.
    """
    check_features(z=z)
    check_labels(z, y=y)
    check_tensors(w=w)
    return (w[y] * F.cross_entropy(z, y, reduction="none")).mean()


class PADA(Objective):
    """DANN with each source example weighted by its class, in the task and for the discriminator.

    Without the weights the discriminator pulls source classes that the target lacks onto target examples of others.
    The paper computes gamma from all of the target every few hundred steps. Here it is a running mean over batches,
    which starts equal for all classes and keeps the share `memory` in each step.
    """

    name = "pada"
    title = "PADA (the target has only some of the classes)"
    terms = ("task", "domain")
    family = "several"
    branch = "discriminator"
    year = 2018
    made_for = "some of the classes"
    settings: ClassVar[tuple[Setting, ...]] = (
        GAMMA,
        Setting(
            "memory", 0.99, 0.0, 0.9999, text="Share of the class weights that each step keeps."
        ),
    )
    gamma: float
    memory: float
    discriminator: nn.Sequential
    share: Tensor

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        k = len(pair.class_names)
        self.register_buffer("share", torch.full((k,), 1 / k))
        self.discriminator = new_discriminator(network.feature_width, 100, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def domain_opinion(self, batch: Batch) -> Tensor:
        return target_probability(self.discriminator(torch.cat([batch.fs, batch.ft])))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        self.share = self.share.lerp(batch.zt.detach().softmax(1).mean(0), 1 - self.memory)
        w = class_weights(self.share)
        logit = self.discriminator(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        example_weights = torch.cat([w[batch.ys], w.new_ones(len(batch.ft))])
        domain = domain_loss(logit, len(batch.fs), example_weights)
        return {"task": weighted_task(batch.zs, batch.ys, w), "domain": domain}
