"""Lesson 05's exercises: a fine-tuning step, the share of a network that trains, and one update of BatchNorm's running mean."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.experiment import Experiment
from tltutor.lessons.by_hand import step_exercise
from tltutor.lessons.exercises import Exercise
from tltutor.training.by_hand import ByHand


def trained_share(sizes: list[int], k: int) -> float:
    """The share of all parameters that train when the first k stages are frozen; counted on layers of these sizes."""
    parts = nn.ModuleList(nn.Linear(n, 1, bias=False) for n in sizes)
    for part in list(parts)[:k]:
        part.requires_grad_(False)
    counts = [(p.numel(), p.requires_grad) for p in parts.parameters()]
    return sum(n for n, trains in counts if trains) / sum(n for n, _ in counts)


def running_mean(running: Tensor, batch: Tensor, m: float) -> Tensor:
    """What `nn.BatchNorm1d` in training mode makes of its running mean (d,) when a batch (n, d) goes through."""
    layer = nn.BatchNorm1d(len(running), momentum=m)
    layer.running_mean = running.clone()
    layer(batch)
    return layer.running_mean


def example(seed: int) -> tuple[Tensor, Tensor]:
    """A running mean (3,), and a batch (5, 3)."""
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(3, generator=rng), 2 + torch.randn(5, 3, generator=rng)


def without_backward(now: ByHand) -> Tensor:
    """The loss alone."""
    task = F.cross_entropy(now.network(now.xl)[1], now.yl)
    now.optimizer.zero_grad()
    now.optimizer.step()
    return task


def other_statistics(now: ByHand) -> Tensor:
    """The target's BatchNorm statistics move, in a run in which both domains share the source's."""
    task = F.cross_entropy(now.network.on("target")(now.xl)[1], now.yl)
    now.optimizer.zero_grad()
    task.backward()
    now.optimizer.step()
    return task


SMALL = Experiment(
    "printed->digits",
    "fine-tune",
    pair_options={"size": 16},
    network_options={"channels": (4, 8)},
    values={"labels_per_class": 2, "freeze_depth": 2},
    session_options={"steps": 20, "batch_size": 8, "lr": 0.05, "batchnorm": "joint"},
)

EXERCISES = {
    "tuning_step": step_exercise(
        SMALL,
        numbers=(3, 9),
        mistakes={"no-backward": without_backward, "other-statistics": other_statistics},
    ),
    "share": Exercise(
        oracle=trained_share,
        cases=[
            ([5, 10, 20, 10, 5], 0),
            ([5, 10, 20, 10, 5], 2),
            ([432, 12896, 6700, 10100, 1010], 4),
        ],
        mistakes={
            "turned": lambda sizes, k: sum(sizes[:k]) / sum(sizes),
            "next": lambda sizes, k: sum(sizes[k + 1 :]) / sum(sizes),
        },
    ),
    "moved": Exercise(
        oracle=running_mean,
        cases=[(*example(0), 0.1), (*example(1), 0.5), (*example(2), 1.0)],
        mistakes={
            "swapped": lambda running, batch, m: m * running + (1 - m) * batch.mean(0),
            "added": lambda running, batch, m: running + m * batch.mean(0),
            "frozen": lambda running, batch, m: running,  # noqa: ARG005 - called like the others
        },
    ),
}
