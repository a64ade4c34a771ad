"""MDD (Zhang et al., 2019): margin disparity; an adversary agrees with the head on the source and disagrees on the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_features, check_labels, check_pairs
from tltutor.objectives.dann import GAMMA, reverse_gradient, schedule
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

HIDDEN = 1024  # units of the adversary, as in the paper


def log_otherwise(z: Tensor, y: Tensor) -> Tensor:
    """Return log(1 - p_y) of logits z (n, k) and classes y (n,): (n,), finite even if p_y rounds to 1."""
    check_features(z=z)
    check_labels(z, y=y)
    others = z.masked_fill(F.one_hot(y, z.shape[1]).bool(), -torch.inf)
    return others.logsumexp(1) - z.logsumexp(1)


def disparity(
    adversary_s: Tensor, adversary_t: Tensor, *, head_s: Tensor, head_t: Tensor, margin: float
) -> Tensor:
    """Return -gamma E_s[log p'_y] - E_t[log(1 - p'_y)], the adversary's loss, with y = argmax of the head.

    The logits of adversary and head on source (n_s, k) and target (n_t, k). margin is gamma. Zhang et al., 2019.
    """
    check_features(adversary_s=adversary_s, adversary_t=adversary_t, head_s=head_s, head_t=head_t)
    check_pairs(adversary_s=adversary_s, head_s=head_s)
    y_s, y_t = head_s.detach().argmax(1), head_t.detach().argmax(1)
    return margin * F.cross_entropy(adversary_s, y_s) - log_otherwise(adversary_t, y_t).mean()


class MDD(Objective):
    """loss = task + disparity(adversary(reverse_gradient(f))): the adversary minimizes it, the features maximize it.

    With margin factor gamma the best adversary on equal domains has p' = gamma / (1 + gamma). lambda scales the
    reversal alone; it follows DANN's schedule up to the paper's .1.
    """

    name = "mdd"
    title = "MDD (an adversary that disagrees on the target)"
    terms = ("task", "disparity")
    family = "adversarial"
    year = 2019
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "margin",
            4.0,
            1.0,
            20.0,
            "log",
            symbol="γ",
            text="How much more agreement on the source counts; 4 in the paper.",
        ),
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
        logits = self.adversary(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        adversary_s, adversary_t = logits.split([len(batch.fs), len(batch.ft)])
        loss = disparity(
            adversary_s, adversary_t, head_s=batch.zs, head_t=batch.zt, margin=self.margin
        )
        return {"task": task_loss(batch), "disparity": loss}
