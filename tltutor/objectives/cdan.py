"""CDAN and CDAN+E (Long et al., 2018): the domain discriminator sees features and answers together, as their products."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.objectives.dann import GAMMA, domain_loss, new_discriminator, reverse_gradient, schedule
from tltutor.objectives.entropy import certainty
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

LARGEST = 4096  # with more products than this, random ones stand for all (Long et al., 2018)
HIDDEN = 500  # units of the discriminator, as in the authors' code for digits


def multilinear(f: Tensor, g: Tensor) -> Tensor:
    """All products f_i g_c of features (n, d) and probabilities (n, k): (n, d k) (Long et al., 2018, multilinear conditioning)."""
    return (f[:, :, None] * g[:, None, :]).flatten(1)


def random_multilinear(f: Tensor, g: Tensor, R_f: Tensor, R_g: Tensor) -> Tensor:
    """(f R_f) * (g R_g) / sqrt(D) with R_f (d, D), R_g (k, D) of variance 1: inner products as of `multilinear`, on average."""
    return (f @ R_f) * (g @ R_g) / math.sqrt(R_f.shape[1])


class CDAN(Objective):
    """loss = task + BCE(discriminator(reverse_gradient(f (x) g))), g = softmax(z), held fixed as in the authors' code."""

    name = "cdan"
    title = "CDAN (a discriminator of features and answers)"
    settings: ClassVar[tuple[Setting, ...]] = (
        GAMMA,
        Setting("products", 1024, 2, 8192, "int", live=False, text=f"Random products that stand for more than {LARGEST}."),
    )
    gamma: float
    products: int
    discriminator: nn.Sequential
    R_f: Tensor
    R_g: Tensor

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        d, k, D = network.feature_width, len(pair.class_names), self.products
        self.randomised = d * k > LARGEST
        if self.randomised:
            self.register_buffer("R_f", torch.randn(d, D, generator=rng))
            self.register_buffer("R_g", torch.randn(k, D, generator=rng))
        self.discriminator = new_discriminator(D if self.randomised else d * k, HIDDEN, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def importance(self, batch: Batch) -> Tensor | None:
        """How much each example counts for the discriminator: all alike."""
        return None

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f, g = torch.cat([batch.fs, batch.ft]), torch.cat([batch.zs, batch.zt]).detach().softmax(1)
        T = random_multilinear(f, g, self.R_f, self.R_g) if self.randomised else multilinear(f, g)
        logit = self.discriminator(reverse_gradient(T, batch.weight))
        return {"task": task_loss(batch), "domain": domain_loss(logit, len(batch.fs), self.importance(batch))}


class CDANE(CDAN):
    """As CDAN, with examples weighed by 1 + exp(-H(g)), 1 on average in each domain: unsure answers count less."""

    name = "cdan-e"
    title = "CDAN+E (surer answers count more)"

    def importance(self, batch: Batch) -> Tensor | None:
        return torch.cat([certainty(batch.zs), certainty(batch.zt)])
