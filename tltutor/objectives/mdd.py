"""MDD (Zhang et al., 2019): margin disparity; an adversary agrees with the head on the source and disagrees on the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.dann import GAMMA, reverse_gradient, schedule
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

HIDDEN = 1024  # units of the adversary, as in the paper


def log_otherwise(z: Tensor, y: Tensor) -> Tensor:
    """log(1 - p_y) of logits z (n, k) and classes y (n,): (n,); finite also where p_y rounds to 1."""
    others = z.masked_fill(F.one_hot(y, z.shape[1]).bool(), -torch.inf)
    return others.logsumexp(1) - z.logsumexp(1)


def disparity(
    z_adv: tuple[Tensor, Tensor],  # the adversary's logits of the source (n_s, k) and of the target (n_t, k)
    z: tuple[Tensor, Tensor],  # the head's
    margin: float,
) -> Tensor:
    """-gamma E_s[log p'_y] - E_t[log(1 - p'_y)], y = argmax of the head (Zhang et al., 2019): the adversary's loss."""
    y_s, y_t = (head.detach().argmax(1) for head in z)
    return margin * F.cross_entropy(z_adv[0], y_s) - log_otherwise(z_adv[1], y_t).mean()


class MDD(Objective):
    """loss = task + disparity(adversary(reverse_gradient(f))): the adversary makes it small, the features make it large.

    With margin factor gamma the adversary's best p' on matched domains is gamma / (1 + gamma). lambda acts on the reversal
    alone, up to the paper's .1, along DANN's schedule.
    """

    name = "mdd"
    title = "MDD (an adversary that disagrees on the target)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("margin", 4.0, 1.0, 20.0, "log", symbol="γ", text="How much more agreement on the source counts; 4 in the paper."),
        replace(GAMMA, name="ramp", symbol=""),
    )
    margin: float
    ramp: float
    adversary: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        d, k = network.feature_width, len(pair.class_names)
        if k < 2:
            raise ValueError(f"MDD needs at least 2 classes to disagree about, got {k}: use DANN")
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.adversary = nn.Sequential(nn.Linear(d, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, k))

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.ramp)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        z_adv = self.adversary(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        s, t = z_adv.split([len(batch.fs), len(batch.ft)])
        return {"task": task_loss(batch), "disparity": disparity((s, t), (batch.zs, batch.zt), self.margin)}
