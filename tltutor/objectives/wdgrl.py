"""WDGRL (Shen et al., 2018): a critic estimates the Wasserstein distance between the domains; the features reduce it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.objectives.checks import check_features
from tltutor.objectives.dann import DISCRIMINATOR_RATE, new_discriminator
from tltutor.objectives.objective import LAMBDA, Batch, Objective, Phase, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def wasserstein(critic: nn.Module, fs: Tensor, ft: Tensor) -> Tensor:
    """Return mean critic(fs) - mean critic(ft) of features fs (n_s, d) and ft (n_t, d) (Shen et al., 2018, L_wd).

    It is the Wasserstein-1 distance for the best critic of slope at most 1.
    """
    check_features(fs=fs, ft=ft)
    distance: Tensor = critic(fs).mean() - critic(ft).mean()
    return distance


def gradient_penalty(critic: nn.Module, f: Tensor) -> Tensor:
    """Return mean (||gradient of the critic at f_i|| - 1)^2 over points f (n, d) (Shen et al., 2018, L_grad)."""
    check_features(f=f)
    f = f.detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(f).sum(), f, create_graph=True)
    length: Tensor = torch.linalg.vector_norm(slope, dim=1)
    return (length - 1).square().mean()


def points_between(fs: Tensor, ft: Tensor) -> Tensor:
    """Return fs (n_s, d), ft (n_t, d), and a random point between each fs_i and ft_i: (n_s + n_t + min(n_s, n_t), d)."""
    check_features(fs=fs, ft=ft)
    n = min(len(fs), len(ft))
    share = torch.rand(n, 1, dtype=fs.dtype, device=fs.device)
    return torch.cat([fs, ft, share * fs[:n] + (1 - share) * ft[:n]])


class WDGRL(Objective):
    """In each step the critic trains five times on -distance + gamma * penalty, then the network on task + lambda * distance.

    Five updates, 100 hidden units, gamma 10 and lambda .01 are the authors' for digits; for reviews lambda is 1.
    Their Adam shields the critic from steep penalties. With momentum, a large learning rate can make its slope
    explode, so that it learns at half the network's rate.
    """

    name = "wdgrl"
    title = "WDGRL (small Wasserstein distance)"
    terms = ("task", "wasserstein", "critic", "gradient penalty")
    family = "discrepancy"
    branch = "discriminator"
    year = 2018
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.01)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "penalty",
            10.0,
            0.0,
            100.0,
            "log",
            symbol="γ",
            text="How strictly the critic's slope is held at 1.",
        ),
        replace(
            DISCRIMINATOR_RATE,
            name="critic_rate",
            default=0.5,
            text="The critic's learning rate, as a multiple of the network's.",
        ),
    )
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("critic", ("objective",), repeat=5),
        Phase("network", ("body", "head")),
    )
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
            return {"critic": -distance, "gradient penalty": self.penalty * slopes}
        return {"task": task_loss(batch), "wasserstein": batch.weight * distance}
