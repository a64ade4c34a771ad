"""Lesson 01's exercises: the schedule of lambda, and the gradient that the reversal passes to the features."""

from __future__ import annotations

import math

import torch

from tltutor.lessons.exercises import Exercise
from tltutor.objectives.dann import reverse_gradient, schedule


def gradient_through_reversal(gradient: float, weight: float) -> float:
    """What `reverse_gradient` hands back to the features when `gradient` arrives at it; autograd says so."""
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (handed_back,) = torch.autograd.grad(
        reverse_gradient(x, weight), x, torch.tensor([gradient], dtype=torch.float64)
    )
    return float(handed_back)


EXERCISES = {
    "acting": Exercise(
        oracle=lambda ceiling, progress: ceiling * schedule(progress),
        cases=[(1, 0), (1, 0.1), (0.5, 0.3), (2, 1)],
        mistakes={
            "sign": lambda c, p: c * (2 / (1 + math.exp(10 * p)) - 1),
            "start": lambda c, p: c * 2 / (1 + math.exp(-10 * p)),
            "gamma": lambda c, p: c * (2 / (1 + math.exp(-p)) - 1),
        },
    ),
    "goes_on": Exercise(
        oracle=gradient_through_reversal,
        cases=[(2.0, 1.0), (2.0, 0.5), (-3.0, 0.1), (1.0, 0.0)],
        mistakes={
            "straight": lambda g, w: w * g,
            "lambda": lambda g, _: -g,
            "forward": lambda g, _: g,
        },
    ),
}
