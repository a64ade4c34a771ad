"""DANN (Ganin et al., 2016): a discriminator tells the domains apart; the features learn to fool it by a reversed gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_features, check_tensors
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradient, None


def reverse_gradient(x: Tensor, weight: float) -> Tensor:
    """Return x as it is; on the way back the gradient becomes -weight * gradient (Ganin et al., 2016, eq. 16 and 17)."""
    check_tensors(x=x)
    reversed_x: Tensor = _Reverse.apply(x, weight)
    return reversed_x


def schedule(progress: float, gamma: float = 10.0) -> float:
    """Return lambda(p) = 2 / (1 + exp(-gamma p)) - 1, from 0 to about 1 (Ganin et al., 2016, section 5.2.2)."""
    return 2 / (1 + math.exp(-gamma * progress)) - 1


GAMMA = Setting(
    "gamma",
    10.0,
    0.1,
    100.0,
    "log",
    symbol="γ",
    text="How fast lambda ramps up over the run; 10 in the paper.",
)
DISCRIMINATOR_RATE = Setting(
    "discriminator_rate",
    1.0,
    0.01,
    10.0,
    "log",
    text="The discriminator's learning rate, as a multiple of the network's.",
)


def new_discriminator(width: int, hidden: int, rng: torch.Generator) -> nn.Sequential:
    """Build a network from (n, width) to one logit (n, 1), above 0 for the target; its weights are drawn by `rng`."""
    with seeded(int(torch.randint(2**31, (), generator=rng))):
        return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 1))


def domain_loss(logit: Tensor, n_s: int, w: Tensor | None = None) -> Tensor:
    """Return the binary cross-entropy of the discriminator's logits (n_s + n_t, 1), source rows first.

    w: weights (n_s + n_t,) of the examples.
    """
    check_features(logit=logit)
    is_target = (torch.arange(len(logit), device=logit.device) >= n_s).to(logit.dtype)
    return F.binary_cross_entropy_with_logits(logit.squeeze(1), is_target, weight=w)


def target_probability(logit: Tensor) -> Tensor:
    """Return P(target) = sigmoid(logit) (n,) of the discriminator's logits (n, 1)."""
    check_features(logit=logit)
    return logit.squeeze(1).sigmoid()


class DANN(Objective):
    """loss = task + BCE(D(reverse_gradient(f))). lambda scales the reversal alone; the discriminator D has its own rate."""

    name = "dann"
    title = "DANN (fool a domain discriminator)"
    terms = ("task", "domain")
    family = "adversarial"
    year = 2016
    takes_boxes = True
    settings: ClassVar[tuple[Setting, ...]] = (GAMMA, DISCRIMINATOR_RATE)
    gamma: float
    discriminator_rate: float
    discriminator: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.discriminator = new_discriminator(network.feature_width, 100, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        return {"objective": self.discriminator_rate}

    def domain_opinion(self, batch: Batch) -> Tensor:
        return target_probability(self.discriminator(torch.cat([batch.fs, batch.ft])))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f = torch.cat([batch.fs, batch.ft])
        logit = self.discriminator(reverse_gradient(f, batch.weight))
        return {"task": task_loss(batch), "domain": domain_loss(logit, len(batch.fs))}
