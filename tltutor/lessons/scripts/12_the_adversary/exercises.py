"""Lesson 12's exercises: the gradient that each player of DANN descends, the discriminator's loss, and a whole step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.experiment import Experiment
from tltutor.lessons.by_hand import step_exercise
from tltutor.lessons.exercises import Exercise
from tltutor.objectives.dann import domain_loss, reverse_gradient
from tltutor.training.by_hand import ByHand

Step = Callable[[ByHand], tuple[Tensor, Tensor]]


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


def step(
    *,
    reversal: Callable[[Tensor, float], Tensor] = reverse_gradient,
    norm: str = "target",
    swapped: bool = False,
    clears: bool = True,
    moves: bool = True,
    scaled: bool = False,
) -> Step:
    """Return a training step of DANN with these mistakes in it; without any it is the solution."""

    def taken(now: ByHand) -> tuple[Tensor, Tensor]:
        fs, zs = now.network.on("source")(now.xs)
        ft, _ = now.network.on(norm)(now.xt)  # type: ignore[arg-type]
        discriminator = now.objective.get_submodule("discriminator")
        logit = discriminator(reversal(torch.cat([fs, ft]), now.weight)).squeeze(1)
        is_target = (torch.arange(len(logit)) >= len(fs)).float()
        domain = F.binary_cross_entropy_with_logits(logit, 1 - is_target if swapped else is_target)
        task, domain = F.cross_entropy(zs, now.ys), domain * (now.weight if scaled else 1)
        if clears:
            now.optimizer.zero_grad()
        (task + domain).backward()
        if moves:
            now.optimizer.step()
        return task, domain

    return taken


SMALL = Experiment(
    "digits->shifted-digits",
    "dann",
    pair_options={"rotation": 30, "size": 20},
    network_options={"channels": (4, 8)},
    session_options={"steps": 40, "batch_size": 16, "lr": 0.05},
)
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
    "dann_step": step_exercise(
        SMALL,
        numbers=(4, 16),
        mistakes={
            "joint": step(reversal=lambda f, _: f),
            "scaled": step(reversal=lambda f, _: reverse_gradient(f, 1.0), scaled=True),
            "not-cleared": step(clears=False),
            "not-stepped": step(moves=False),
            "one-norm": step(norm="source"),
            "swapped": step(swapped=True),
        },
    ),
}
