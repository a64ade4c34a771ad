"""Lesson 07's exercises: softened probabilities, the distillation loss, and both losses as an objective."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.distill import Distillation, distillation_loss
from tltutor.objectives.objective import Batch, task_loss
from tltutor.objectives.teacher import student_outputs


def logits(seed: int, n: int, k: int) -> Tensor:
    return 3 * torch.randn(n, k, generator=torch.Generator().manual_seed(seed))


def softened(v: Tensor, temperature: float) -> Tensor:
    return F.softmax(v / temperature, dim=1)


def hard_times_soft(z: Tensor, v: Tensor, temperature: float) -> Tensor:
    """The teacher's probabilities times the one-hot labels: its top class alone is left."""
    p = softened(v, temperature)
    hard = F.one_hot(v.argmax(1), v.shape[1]) * p
    return -(hard * F.log_softmax(z / temperature, dim=1)).sum(1).mean() * temperature**2


class WholeTask(Distillation):
    """The labels' loss is not weighed, so that the shares add up to more than 1."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {**super().forward(batch), "task": task_loss(batch)}


class Cold(Distillation):
    """The temperature is forgotten."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        loss = distillation_loss(student_outputs(batch).z, self.teacher.outputs(batch).z, 1.0)
        return {**super().forward(batch), "teacher": batch.weight * loss}


class SourceAlone(Distillation):
    """The teacher is asked of the source's images alone."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        v = self.teacher(batch.xs, "source").z
        loss = distillation_loss(batch.zs, v, self.temperature)
        return {**super().forward(batch), "teacher": batch.weight * loss}


EXERCISES = {
    "softened": Exercise(
        oracle=softened,
        cases=[(logits(0, 2, 5), 1.0), (logits(1, 4, 3), 4.0), (logits(2, 3, 6), 0.5)],
        mistakes={
            "times": lambda v, temperature: F.softmax(v * temperature, dim=1),
            "after": lambda v, temperature: F.softmax(v, dim=1) / temperature,
            "dim": lambda v, temperature: F.softmax(v / temperature, dim=0),
        },
    ),
    "distilled": Exercise(
        oracle=distillation_loss,
        cases=[(logits(3, 4, 5), logits(4, 4, 5), 4.0), (logits(5, 3, 3), logits(6, 3, 3), 2.0)],
        mistakes={
            "square": lambda z, v, temperature: (
                distillation_loss(z, v, temperature) / temperature**2
            ),
            "reversed": lambda z, v, temperature: distillation_loss(v, z, temperature),
            "sum": lambda z, v, temperature: len(z) * distillation_loss(z, v, temperature),
            "hard": hard_times_soft,
        },
    ),
    "MyDistillation": Played(
        board="mine",
        mistakes={"whole-task": WholeTask, "cold": Cold, "source-alone": SourceAlone},
        steps=24,  # after few of them T² KL hardly depends on T
    ),
}
