"""Multi-task learning: classify the source and reconstruct both domains; fixed weights, or uncertainty (Kendall et al., 2018)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_tensors
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.tokens import are_tokens, counts
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

SIDE = 16  # largest side of a reconstructed image, in pixels


def uncertainty_weighted(
    loss: Tensor, s: Tensor, kind: Literal["classification", "regression"]
) -> Tensor:
    """Return exp(-s) L + s / 2 of a classification loss L, (1/2) exp(-s) L + s / 2 of a regression loss.

    s = log sigma^2 is the task's learned noise, a tensor, so that s / 2 = log sigma. Kendall et al., 2018, eq. 5
    (L a mean squared error) and eq. 10 (L a cross-entropy).
    """
    check_tensors(loss=loss, s=s)
    half = 0.5 if kind == "regression" else 1.0
    return half * torch.exp(-s) * loss + s / 2


def reconstructed(network: Network, x: Tensor) -> Tensor:
    """Return what is to be reconstructed of inputs x (n, ...): (n, d); images are averaged to at most 16 x 16.

    Of texts it is how often each token occurs.
    """
    if are_tokens(x):
        return counts(x)
    x = network.inputs(x)
    return (F.adaptive_avg_pool2d(x, min(SIDE, x.shape[-1])) if x.ndim == 4 else x).flatten(1)


class MultiTask(Objective):
    """Two tasks on shared features: CE of the source's labels, and MSE of the inputs of both domains, decoded from f.

    weighting "fixed": loss = task + lambda * reconstruction. "uncertainty": each task by its learned noise (Kendall
    et al., 2018), and lambda is not used. To reconstruct the target is DRCN's idea (Ghifary et al., 2016).
    """

    name = "multi-task"
    title = "Multi-task (classify, and reconstruct both domains)"
    terms = ("task", "reconstruction")
    family = "several"
    branch = "decoder"
    year = 2018
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "weighting",
            "fixed",
            scale="choice",
            choices=("fixed", "uncertainty"),
            text="How the tasks are weighted.",
        ),
    )
    weighting: Literal["fixed", "uncertainty"]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1], device=next(network.parameters()).device)
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.decoder = nn.Linear(network.feature_width, reconstructed(network, x).shape[1])
        self.s = nn.Parameter(torch.tensor([0.0, math.log(0.1)]))  # log sigma^2 of the two tasks

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        x = reconstructed(batch.network, torch.cat([batch.xs, batch.xt]))
        error = F.mse_loss(self.decoder(torch.cat([batch.fs, batch.ft])), x)
        if self.weighting == "fixed":
            return {"task": task_loss(batch), "reconstruction": batch.weight * error}
        return {
            "task": uncertainty_weighted(task_loss(batch), self.s[0], "classification"),
            "reconstruction": uncertainty_weighted(error, self.s[1], "regression"),
        }
