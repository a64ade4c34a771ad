"""Lesson 11's exercises: a covariance, CORAL's distance between two, and the objective."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.coral import CORAL, coral_distance, covariance
from tltutor.objectives.objective import Batch, task_loss


def samples(seed: int, n: int, d: int) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=rng) @ torch.randn(d, d, generator=rng) + 1


CASES = [(samples(0, 12, 3), samples(1, 9, 3)), (samples(2, 5, 4), samples(3, 20, 4))]


class NoWeight(CORAL):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "coral": coral_distance(batch.fs, batch.ft)}


class OfLogits(CORAL):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {
            "task": task_loss(batch),
            "coral": batch.weight * coral_distance(batch.zs, batch.zt),
        }


class OneSided(CORAL):
    """The target's features are constants."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        distance = coral_distance(batch.fs, batch.ft.detach())
        return {"task": task_loss(batch), "coral": batch.weight * distance}


EXERCISES = {
    "covariance": Exercise(
        oracle=covariance,
        cases=[case[:1] for case in CASES],
        mistakes={
            "n": lambda f: covariance(f) * (len(f) - 1) / len(f),
            "center": lambda f: f.T @ f / (len(f) - 1),
        },
    ),
    "coral_distance": Exercise(
        oracle=coral_distance,
        cases=CASES,
        mistakes={
            "scale": lambda fs, ft: coral_distance(fs, ft) * 4 * fs.shape[1] ** 2,
            "root": lambda fs, ft: (
                (covariance(fs) - covariance(ft)).norm() / (4 * fs.shape[1] ** 2)
            ),
        },
    ),
    "MyCORAL": Played(
        board="mine",
        mistakes={"no-weight": NoWeight, "logits": OfLogits, "one-sided": OneSided},
        atol=1e-12,  # the distance itself is tiny
    ),
}
