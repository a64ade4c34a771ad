"""FitNets (Romero et al., 2015): hints, what a teacher's middle stage computes, guide the student's middle stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tltutor.networks.seeding import seeded
from tltutor.objectives.objective import Batch, Objective, same_width, task_loss
from tltutor.objectives.teacher import Teacher, student

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def hint_loss(regressed: Tensor, hint: Tensor) -> Tensor:
    """(1/2) (u - r)^2 of the hint u and the student's regressed stage r (Romero et al., 2015, eq. 3).

    Mean over examples and elements (the paper sums over elements), so that one lambda suits every width.
    """
    same_width(regressed, hint)
    return 0.5 * (hint - regressed).square().mean()


def regressor(guided: tuple[int, ...], hint: tuple[int, ...]) -> nn.Module:
    """From a stage of shape `guided` (one example's) to one of shape `hint`; the identity where they agree.

    Between maps (c, h, w) a 1x1 convolution and, where sides differ, the mean over places; else a linear map.
    """
    if guided == hint:
        return nn.Identity()
    if len(guided) == len(hint) == 3:
        return nn.Sequential(nn.Conv2d(guided[0], hint[0], 1), nn.AdaptiveAvgPool2d(hint[1:]))
    d_in, d_out = torch.Size(guided).numel(), torch.Size(hint).numel()
    return nn.Sequential(nn.Flatten(), nn.Linear(d_in, d_out), nn.Unflatten(1, hint))


class FitNets(Objective):
    """loss = task + lambda * (1/2) (hint - regressor(guided))^2, on source and unlabeled target.

    Both stages are the middle ones, as in the paper, which trains by hints first and by labels afterwards; here both go
    on together. `teacher`: a trained Network, copied; without one the start is its own teacher.
    """

    name = "fitnets"
    title = "FitNets hints (follow a teacher's middle stage)"
    regressor: nn.Module

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1]).to(next(network.parameters()).device)
        guided = middle(Teacher(network)(x, "source").h)
        hint = middle(self.teacher.meet(network).to(x.device)(x, "source").h)
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.regressor = regressor(tuple(guided.shape[1:]), tuple(hint.shape[1:]))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        guided, hint = middle(student(batch).h), middle(self.teacher.see(batch).h)
        return {"task": task_loss(batch), "hint": batch.weight * hint_loss(self.regressor(guided), hint)}


def middle(h: Mapping[str, Tensor]) -> Tensor:
    """The output of the middle one of the stages, of the earlier one where two are in the middle."""
    outputs = list(h.values())
    return outputs[(len(outputs) - 1) // 2]
