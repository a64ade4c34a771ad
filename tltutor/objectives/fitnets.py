"""FitNets (Romero et al., 2015): the output of a teacher's middle stage is a hint for the student's middle stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_pairs, check_stages
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher, student_outputs

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def hint_loss(regressed: Tensor, hint: Tensor) -> Tensor:
    """Return (1/2) (u - r)^2 of the hint u and the student's regressed stage r, both (n, ...).

    Romero et al., 2015, eq. 3. This is the mean over elements, where the paper has the sum, so that one lambda suits
    every width.
    """
    check_stages(regressed=regressed, hint=hint)
    check_pairs(regressed=regressed, hint=hint)
    return 0.5 * (hint - regressed).square().mean()


def regressor(guided: tuple[int, ...], hint: tuple[int, ...]) -> nn.Module:
    """Build the layer from a stage whose outputs have the shape `guided` to the shape `hint`; nothing if they agree.

    Between maps (c, h, w) it is a 1x1 convolution, with average pooling if the sides differ; between tokens (t, d) one linear
    layer for each token; else a linear layer.
    """
    if guided == hint:
        return nn.Identity()
    if len(guided) == len(hint) == 3:
        return nn.Sequential(nn.Conv2d(guided[0], hint[0], 1), nn.AdaptiveAvgPool2d(hint[1:]))
    if len(guided) == len(hint) == 2 and guided[0] == hint[0]:
        return nn.Linear(guided[1], hint[1])
    d_in, d_out = torch.Size(guided).numel(), torch.Size(hint).numel()
    return nn.Sequential(nn.Flatten(), nn.Linear(d_in, d_out), nn.Unflatten(1, hint))


def middle_stage(h: Mapping[str, Tensor]) -> Tensor:
    """Return the output of the middle stage, of the earlier one if there are two."""
    outputs = list(h.values())
    return outputs[(len(outputs) - 1) // 2]


class FitNets(Objective):
    """loss = task + lambda * (1/2) (hint - regressor(guided))^2, on source and unlabeled target.

    Both stages are the middle ones, as in the paper. The paper trains on hints first and on labels afterward; here
    both happen together. `teacher`: a trained Network, which is copied; without one the start is the teacher.
    """

    name = "fitnets"
    title = "FitNets hints (follow a teacher's middle stage)"
    terms = ("task", "hint")
    family = "distillation"
    year = 2015
    acts_on = "stages"
    made_for = "a teacher"
    regressor: nn.Module

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1]).to(next(network.parameters()).device)
        guided = middle_stage(Teacher(network)(x, "source").h)
        hint = middle_stage(self.teacher.setup(network).to(x.device)(x, "source").h)
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.regressor = regressor(tuple(guided.shape[1:]), tuple(hint.shape[1:]))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        guided, hint = (
            middle_stage(student_outputs(batch).h),
            middle_stage(self.teacher.outputs(batch).h),
        )
        return {
            "task": task_loss(batch),
            "hint": batch.weight * hint_loss(self.regressor(guided), hint),
        }
