"""Lesson 11's exercises: a covariance, and CORAL's distance between two."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.objectives.coral import coral_distance, covariance


def samples(seed: int, n: int, d: int) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=rng) @ torch.randn(d, d, generator=rng) + 1


CASES = [(samples(0, 12, 3), samples(1, 9, 3)), (samples(2, 5, 4), samples(3, 20, 4))]

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
}
