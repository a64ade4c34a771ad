"""CDAN and CDAN+E (Long et al., 2018): the domain discriminator sees products of features and predictions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.dann import (
    GAMMA,
    domain_loss,
    new_discriminator,
    reverse_gradient,
    schedule,
    target_probability,
)
from tltutor.objectives.entropy import entropy_weights
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

LARGEST = 4096  # more products than this are replaced by random ones (Long et al., 2018)
HIDDEN = 500  # units of the discriminator, as in the authors' code for digits


def multilinear(f: Tensor, g: Tensor) -> Tensor:
    """Return all products f_i g_c of features f (n, d) and probabilities g (n, k): (n, d k).

    Long et al., 2018, multilinear conditioning.
    """
    check_features(f=f)
    check_features(g=g)
    check_pairs(f=f, g=g)
    return (f[:, :, None] * g[:, None, :]).flatten(1)


def random_multilinear(f: Tensor, g: Tensor, R_f: Tensor, R_g: Tensor) -> Tensor:
    """Return (f R_f) * (g R_g) / sqrt(D): (n, D), with the inner products of `multilinear` on average.

    f: features (n, d); g: probabilities (n, k); R_f (d, D), R_g (k, D): random, of variance 1.
    """
    check_features(f=f)
    check_features(g=g)
    check_pairs(f=f, g=g)
    check_features(R_f=R_f)
    check_features(R_g=R_g)
    return (f @ R_f) * (g @ R_g) / math.sqrt(R_f.shape[1])


class CDAN(Objective):
    """loss = task + BCE(D(reverse_gradient(f (x) g))), with g = softmax(z), detached as in the authors' code."""

    name = "cdan"
    title = "CDAN (a discriminator of features and predictions)"
    terms = ("task", "domain")
    family = "adversarial"
    year = 2018
    settings: ClassVar[tuple[Setting, ...]] = (
        GAMMA,
        Setting(
            "products",
            1024,
            2,
            8192,
            "int",
            live=False,
            text=f"Random products that replace more than {LARGEST} exact ones.",
        ),
    )
    gamma: float
    products: int
    discriminator: nn.Sequential
    R_f: Tensor
    R_g: Tensor

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        d, k, D = network.feature_width, len(pair.class_names), self.products
        self.randomized = d * k > LARGEST
        if self.randomized:
            self.register_buffer("R_f", torch.randn(d, D, generator=rng))
            self.register_buffer("R_g", torch.randn(k, D, generator=rng))
        self.discriminator = new_discriminator(D if self.randomized else d * k, HIDDEN, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def example_weights(self, batch: Batch) -> Tensor | None:
        """Return the weights (n_s + n_t,) of the examples for the discriminator; None makes all equal."""
        return None

    def _products(self, batch: Batch) -> Tensor:
        f = torch.cat([batch.fs, batch.ft])
        g = torch.cat([batch.zs, batch.zt]).detach().softmax(1)
        if self.randomized:
            return random_multilinear(f, g, self.R_f, self.R_g)
        return multilinear(f, g)

    def domain_opinion(self, batch: Batch) -> Tensor:
        return target_probability(self.discriminator(self._products(batch)))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        logit = self.discriminator(reverse_gradient(self._products(batch), batch.weight))
        return {
            "task": task_loss(batch),
            "domain": domain_loss(logit, len(batch.fs), self.example_weights(batch)),
        }


class CDANE(CDAN):
    """CDAN with weights 1 + exp(-H(g)) of the examples, 1 on average in each domain: uncertain predictions count less."""

    name = "cdan-e"
    title = "CDAN+E (confident predictions count more)"

    def example_weights(self, batch: Batch) -> Tensor | None:
        return torch.cat([entropy_weights(batch.zs), entropy_weights(batch.zt)])
