"""WDGRL (Shen et al., 2018): a critic estimates the Wasserstein distance between the domains; the features make it small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.objectives.dann import DISCRIMINATOR_RATE, new_discriminator
from tltutor.objectives.objective import LAMBDA, Batch, Objective, Phase, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def wasserstein(critic: nn.Module, fs: Tensor, ft: Tensor) -> Tensor:
    """mean critic(fs) - mean critic(ft) (Shen et al., 2018, L_wd): the distance, if the critic is the best of slope 1."""
    distance: Tensor = critic(fs).mean() - critic(ft).mean()
    return distance


def gradient_penalty(critic: nn.Module, f: Tensor) -> Tensor:
    """mean (||gradient of the critic at f_i|| - 1)^2 over the points f (n, d) (Shen et al., 2018, L_grad)."""
    f = f.detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(f).sum(), f, create_graph=True)
    length: Tensor = torch.linalg.vector_norm(slope, dim=1)
    return (length - 1).square().mean()


def points_between(fs: Tensor, ft: Tensor) -> Tensor:
    """Both samples, and a random point on the line between the i-th of one and of the other: (n_s + n_t + min(n_s, n_t), d)."""
    n = min(len(fs), len(ft))
    share = torch.rand(n, 1, dtype=fs.dtype, device=fs.device)
    return torch.cat([fs, ft, share * fs[:n] + (1 - share) * ft[:n]])


class WDGRL(Objective):
    """The critic learns first, five times a step: -distance + gamma * penalty; then the network: task + lambda * distance.

    5 critic updates, 100 hidden units, gamma 10 and lambda .01 as in the authors' code for digits; for reviews its lambda is 1.
    Adam shields its critic from steep penalties; under momentum the critic learns at half the network's rate, or a large
    learning rate lets its slope explode.
    """

    name = "wdgrl"
    title = "WDGRL (small Wasserstein distance)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.01)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("penalty", 10.0, 0.0, 100.0, "log", symbol="γ", text="How strictly the critic's slope is held at 1."),
        replace(
            DISCRIMINATOR_RATE, name="critic_rate", default=0.5, text="The critic's learning rate, as a multiple of the network's."
        ),
    )
    phases: ClassVar[tuple[Phase, ...]] = (Phase("critic", ("objective",), repeat=5), Phase("network", ("body", "head")))
    penalty: float
    critic_rate: float
    critic: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.critic = new_discriminator(network.feature_width, 100, rng)

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        return {"objective": self.critic_rate}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        distance = wasserstein(self.critic, batch.fs, batch.ft)
        if batch.phase == "critic":
            slopes = gradient_penalty(self.critic, points_between(batch.fs, batch.ft))
            return {"critic": -distance, "slope": self.penalty * slopes}
        return {"task": task_loss(batch), "wasserstein": batch.weight * distance}
