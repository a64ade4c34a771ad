"""Lesson 06's exercises: the line between two networks' weights, and L2-SP as an objective."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.l2sp import L2SP
from tltutor.objectives.objective import Batch


def weights(seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=rng)
        for name, shape in (("head.weight", (3, 4)), ("head.bias", (3,)))
    }


def between(a: dict[str, Tensor], b: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The weights at this share of the straight way from a to b, both by name."""
    return {name: torch.lerp(a[name], b[name], share) for name in a}


class NoHalf(L2SP):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        terms = super().forward(batch)
        return {name: term if name == "task" else 2 * term for name, term in terms.items()}


class NoWeight(L2SP):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        terms = super().forward(batch)
        return terms | {"stay close": terms["stay close"] / batch.weight}


class OneFactor(L2SP):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        terms = super().forward(batch)
        return terms | {"small head": batch.weight / self.beta * terms["small head"]}


EXERCISES = {
    "between": Exercise(
        oracle=between,
        cases=[(weights(0), weights(1), 0.25), (weights(2), weights(3), 0.9)],
        mistakes={
            "turned": lambda a, b, share: between(b, a, share),
            "added": lambda a, b, share: {name: a[name] + share * b[name] for name in a},
        },
    ),
    "MyL2SP": Played(
        board="mine",
        mistakes={"no-half": NoHalf, "no-weight": NoWeight, "one-factor": OneFactor},
        seconds=60.0,
    ),
}
