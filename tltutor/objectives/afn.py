"""AFN (Xu et al., 2019): adaptive feature norm; target features are too short, so let all features grow to one length."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Glance, Objective, task_loss
from tltutor.settings import Setting


def hard_norm(f: Tensor, R: float) -> Tensor:
    """(mean ||f_i|| - R)^2 of features (n, d): the mean length shall be R (Xu et al., 2019, HAFN)."""
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length.mean() - R).square()


def stepwise_norm(f: Tensor, step: float) -> Tensor:
    """mean (||f_i|| - (||f_i||, held fixed, + step))^2: each length shall grow (Xu et al., 2019, SAFN). Its value is step^2."""
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length - (length.detach() + step)).square().mean()


class AFN(Objective):
    """loss = task + lambda * (norm(fs) + norm(ft)), stepwise or hard.

    Stepwise shows a constant, lambda * 2 step^2: its value says nothing, its gradient does, and it has no end: where features
    have grown long, the task's loss may jump. The paper's lambda is .05, its step 1, its radius 25.
    """

    name = "afn"
    title = "AFN (features of one large norm)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.05)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "kind",
            "stepwise",
            scale="choice",
            choices=("stepwise", "hard"),
            text="Stepwise lets each length grow; hard pulls their mean to the radius.",
        ),
        Setting("step", 1.0, 0.0, 10.0, "linear", symbol="Δr", text="Stepwise: how much longer each feature should get."),
        Setting("radius", 25.0, 0.1, 1000.0, "log", symbol="R", text="Hard: the mean length that is asked for."),
    )
    kind: Literal["stepwise", "hard"]
    step: float
    radius: float

    def forward(self, now: Glance) -> dict[str, Tensor]:
        if self.kind == "hard":
            norms = hard_norm(now.fs, self.radius) + hard_norm(now.ft, self.radius)
        else:
            norms = stepwise_norm(now.fs, self.step) + stepwise_norm(now.ft, self.step)
        return {"task": task_loss(now), "norm": now.weight * norms}
