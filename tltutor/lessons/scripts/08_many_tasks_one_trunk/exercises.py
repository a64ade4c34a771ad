"""Lesson 08's exercises: the interval of a mean gain, and two tasks on one trunk as an objective."""

from __future__ import annotations

import numpy as np
from scipy.stats import sem
from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.objective import Batch, labeled_loss
from tltutor.objectives.shared_trunk import SharedTrunk


def interval(gains: np.ndarray, t: float) -> tuple[float, float]:
    """The confidence interval of the mean of gains (n,), with Student's quantile t."""
    return gains.mean() - t * sem(gains), gains.mean() + t * sem(gains)


def around(gains: np.ndarray, half: float) -> tuple[float, float]:
    return gains.mean() - half, gains.mean() + half


class Classes(SharedTrunk):
    """Asks the source's head which class it is."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        other = F.cross_entropy(self.heads[0](batch.fs), batch.ys)
        return {"task": labeled_loss(batch), "source tasks": batch.weight * other}


class NoWeight(SharedTrunk):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        other = F.cross_entropy(self.heads[0](batch.fs), batch.ys % 2)
        return {"task": labeled_loss(batch), "source tasks": other}


class OneHead(SharedTrunk):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        other = F.cross_entropy(batch.zs, batch.ys % 2)
        return {"task": labeled_loss(batch), "source tasks": batch.weight * other}


EXERCISES = {
    "interval": Exercise(
        oracle=interval,
        cases=[(np.array([0.1, -0.02, 0.04]), 4.3), (np.array([0.0, 0.2, 0.1, -0.1, 0.3]), 2.8)],
        mistakes={
            "population": lambda gains, t: around(gains, t * gains.std() / len(gains) ** 0.5),
            "spread": lambda gains, t: around(gains, t * gains.std(ddof=1)),
            "by-n": lambda gains, t: around(gains, t * gains.std(ddof=1) / len(gains)),
        },
    ),
    "MyTrunk": Played(
        board="mine",
        mistakes={"classes": Classes, "no-weight": NoWeight, "one-head": OneHead},
    ),
}
