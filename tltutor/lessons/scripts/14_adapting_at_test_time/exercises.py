"""Lesson 14's exercises: a running mean, BatchNorm of one batch, and TENT's loss as an objective."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.entropy import entropy
from tltutor.objectives.objective import Batch
from tltutor.objectives.tent import TENT

EPS = 1e-5


def features(seed: int, n: int, d: int) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(n, d, generator=rng) + 1


def update(mean: Tensor, f: Tensor, momentum: float) -> Tensor:
    """The running mean (d,) after a batch f (n, d), as torch.nn.BatchNorm1d keeps it."""
    return torch.lerp(mean, f.mean(0), momentum)


def normalize(f: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """A batch f (n, d) after BatchNorm by its own statistics, with scale gamma (d,) and shift beta (d,)."""
    return torch.nn.functional.batch_norm(f, None, None, gamma, beta, training=True, eps=EPS)


def normalized_by(f: Tensor, sd: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    return gamma * (f - f.mean(0)) / sd + beta


class MeanFirst(TENT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        p = batch.zt.softmax(1).mean(0)
        return {"entropy": batch.weight * -(p * p.log()).sum()}


class NoWeight(TENT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"entropy": entropy(batch.zt).mean()}


class Turned(TENT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"entropy": -batch.weight * entropy(batch.zt).mean()}


class OverAll(TENT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"entropy": batch.weight * entropy(batch.zt).mean() / batch.zt.shape[1]}


EXERCISES = {
    "update": Exercise(
        oracle=update,
        cases=[
            (features(0, 1, 3)[0], features(1, 6, 3), 0.1),
            (features(2, 1, 4)[0], features(3, 5, 4), 0.4),
        ],
        mistakes={
            "turned": lambda mean, f, momentum: momentum * mean + (1 - momentum) * f.mean(0),
            "added": lambda mean, f, momentum: mean + momentum * f.mean(0),
        },
    ),
    "normalize": Exercise(
        oracle=normalize,
        cases=[
            (features(4, 6, 3), features(5, 1, 3)[0], features(6, 1, 3)[0]),
            (features(7, 9, 2), features(8, 1, 2)[0], features(9, 1, 2)[0]),
        ],
        mistakes={
            "unbiased": lambda f, g, b: normalized_by(f, (f.var(0) + EPS).sqrt(), g, b),
            "variance": lambda f, g, b: normalized_by(f, f.var(0, correction=0) + EPS, g, b),
            "over-features": lambda f, g, b: (
                normalize(f.T, torch.ones(len(f)), torch.zeros(len(f))).T * g + b
            ),
        },
    ),
    "MyTENT": Played(
        board="mine",
        mistakes={
            "mean-first": MeanFirst,
            "no-weight": NoWeight,
            "turned": Turned,
            "over-all": OverAll,
        },
        seconds=60.0,
    ),
}
