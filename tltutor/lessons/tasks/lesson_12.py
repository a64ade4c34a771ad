"""Lesson 12's exercises: the gradient that each player of DANN descends, and the discriminator's loss."""

from __future__ import annotations

import numpy as np
import torch

from tltutor.lessons.exercises import Exercise
from tltutor.objectives.dann import domain_loss, reverse_gradient


def descended(
    task: float, domain: float, discriminator: float, weight: float
) -> tuple[float, float]:
    """What autograd hands to features and discriminator: losses with these slopes, the domain's seen through the reversal."""
    f, c = (torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    loss = (task * f + domain * reverse_gradient(f, weight) + discriminator * c).sum()
    features, of_discriminator = torch.autograd.grad(loss, (f, c))
    return float(features), float(of_discriminator)


def loss_of_discriminator(p_source: np.ndarray, p_target: np.ndarray) -> float:
    """DANN's own loss, of the logits that these probabilities of "target" belong to."""
    p = torch.tensor(np.concatenate([p_source, p_target])).clamp(1e-12, 1 - 1e-12)
    return float(domain_loss(torch.logit(p)[:, None], len(p_source)))


HALF, SURE, WRONG = np.full(4, 0.5), np.array([0.1, 0.2, 0.3, 0.1]), np.array([0.9, 0.6, 0.7, 0.8])

EXERCISES = {
    "players": Exercise(
        oracle=descended,
        cases=[(1.0, 2.0, 3.0, 0.5), (-1.0, 0.5, 2.0, 1.0), (0.3, -2.0, -1.0, 0.1)],
        mistakes={
            "joint": lambda task, domain, discriminator, weight: (
                task + weight * domain,
                discriminator,
            ),
            "scaled": lambda task, domain, discriminator, weight: (
                task - weight * domain,
                weight * discriminator,
            ),
            "both": lambda task, domain, discriminator, weight: (
                task - weight * domain,
                -discriminator,
            ),
            "plain": lambda task, domain, discriminator, weight: (task - domain, discriminator),  # noqa: ARG005 - called like the others
        },
    ),
    "discriminator_loss": Exercise(
        oracle=loss_of_discriminator,
        cases=[(HALF, HALF), (SURE, WRONG), (WRONG, SURE), (SURE, HALF)],
        mistakes={
            "swapped": lambda p, q: -(np.log(p).mean() + np.log(1 - q).mean()) / 2,
            "sum": lambda p, q: -(np.log(1 - p).mean() + np.log(q).mean()),
            "sign": lambda p, q: (np.log(1 - p).mean() + np.log(q).mean()) / 2,
        },
    ),
}
