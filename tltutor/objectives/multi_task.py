"""Multi-task learning: classify the source, redraw both domains; fixed weights, or uncertainty (Kendall et al., 2018)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

SIDE = 16  # images are redrawn at this size at most


def uncertainty_weighted(loss: Tensor, s: Tensor, kind: Literal["classification", "regression"]) -> Tensor:
    """A task's loss L under its own noise s = log sigma^2, which is learnt: exp(-s) L + s / 2, for regression (1/2) exp(-s) L + s / 2.

    Kendall et al., 2018, eq. 5 (L a mean squared error) and eq. 10 (L a cross-entropy); s / 2 = log sigma.
    """
    half = 0.5 if kind == "regression" else 1.0
    return half * torch.exp(-s) * loss + s / 2


def picture(network: Network, x: Tensor) -> Tensor:
    """What is to be redrawn of x (n, ...): the network's inputs, images averaged to at most 16 x 16, flat."""
    x = network.inputs(x)
    return (F.adaptive_avg_pool2d(x, min(SIDE, x.shape[-1])) if x.ndim == 4 else x).flatten(1)


class MultiTask(Objective):
    """Two tasks on shared features: task = CE(source labels), picture = MSE of the inputs redrawn from f, both domains.

    weighting "fixed": loss = task + lambda * picture. "uncertainty": each task by its learnt noise (Kendall et al., 2018);
    lambda is then not used. Redrawing the target as the second task is DRCN's idea (Ghifary et al., 2016).
    """

    name = "multi-task"
    title = "Multi-task (classify, and redraw both domains)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("weighting", "fixed", scale="choice", choices=("fixed", "uncertainty"), text="Who weighs the tasks."),
    )
    weighting: Literal["fixed", "uncertainty"]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1], device=next(network.parameters()).device)
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.redraw = nn.Linear(network.feature_width, picture(network, x).shape[1])
        self.s = nn.Parameter(torch.tensor([0.0, math.log(0.1)]))  # log sigma^2 of the two tasks

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        wanted = picture(batch.network, torch.cat([batch.xs, batch.xt]))
        task, redrawn = task_loss(batch), F.mse_loss(self.redraw(torch.cat([batch.fs, batch.ft])), wanted)
        if self.weighting == "fixed":
            return {"task": task, "picture": batch.weight * redrawn}
        return {
            "task": uncertainty_weighted(task, self.s[0], "classification"),
            "picture": uncertainty_weighted(redrawn, self.s[1], "regression"),
        }
