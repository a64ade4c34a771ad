"""Lesson 16's exercises: total variation, mass that goes to another class, and DeepJDOT as an objective."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.deep_jdot import DeepJDOT, transport_plan
from tltutor.objectives.objective import Batch, task_loss


def shares(seed: int, k: int) -> np.ndarray:
    found: np.ndarray = np.random.default_rng(seed).dirichlet(np.ones(k))
    return found


def some_plan(seed: int, n_s: int, n_t: int) -> np.ndarray:
    return np.random.default_rng(seed).exponential(size=(n_s, n_t)) / (2 * n_s * n_t)


def classes(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 3, n)


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half the sum of |p - q|, as 1 minus what both have in common."""
    return float(1 - np.minimum(p, q).sum())


def wrong_mass(plan: np.ndarray, ys: np.ndarray, yt: np.ndarray) -> float:
    """The share of a plan (n_s, n_t) between points of classes ys and yt that differ, by a double loop."""
    pairs = [(i, j) for i in range(len(ys)) for j in range(len(yt)) if ys[i] != yt[j]]
    return float(sum(plan[i, j] for i, j in pairs) / plan.sum())


class Counts(DeepJDOT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        return {
            "task": task_loss(batch),
            "transport": batch.weight * (transport_plan(C) * C).mean(),
        }


class NoWeight(DeepJDOT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        return {"task": task_loss(batch), "transport": (transport_plan(C) * C).sum()}


class NoPlan(DeepJDOT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        return {"task": task_loss(batch), "transport": batch.weight * C.mean()}


class Undone(DeepJDOT):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        C = self.costs(batch)
        G = transport_plan(C)
        return {
            "task": task_loss(batch),
            "transport": batch.weight * (G * C.detach()).sum() + 0 * C.sum(),
        }


EXERCISES = {
    "total_variation": Exercise(
        oracle=total_variation,
        cases=[(shares(0, 3), shares(1, 3)), (shares(2, 5), shares(3, 5))],
        mistakes={
            "no-half": lambda p, q: np.abs(p - q).sum(),
            "squares": lambda p, q: np.square(p - q).sum() / 2,
            "no-abs": lambda p, q: (p - q).sum() / 2,
        },
    ),
    "wrong_mass": Exercise(
        oracle=wrong_mass,
        cases=[
            (some_plan(4, 6, 8), classes(5, 6), classes(6, 8)),
            (some_plan(7, 9, 5), classes(8, 9), classes(9, 5)),
        ],
        mistakes={
            "same": lambda plan, ys, yt: 1 - wrong_mass(plan, ys, yt),
            "not-divided": lambda plan, ys, yt: plan.sum() * wrong_mass(plan, ys, yt),
            "pairs": lambda _, ys, yt: np.mean(ys[:, None] != yt),
        },
    ),
    "MyJDOT": Played(
        board="mine",
        mistakes={"counts": Counts, "no-weight": NoWeight, "no-plan": NoPlan, "undone": Undone},
        seconds=60.0,
    ),
}
