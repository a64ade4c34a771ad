"""Lesson 15's exercises: the effective sample size, the exact weights of two Gaussians, and weighting as an objective."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from tltutor.classical import effective_sample_size
from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.importance import ImportanceWeighting
from tltutor.objectives.objective import Batch


def sample(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2))


def some_weights(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).exponential(size=n)


def log_density(x: np.ndarray, center: np.ndarray, sd: float) -> np.ndarray:
    """Of a round Gaussian, but for a constant."""
    found: np.ndarray = -np.square(x - center).sum(1) / (2 * sd**2)
    return found


def weights(x: np.ndarray, ms: np.ndarray, mt: np.ndarray, sd: float) -> np.ndarray:
    """p_t / p_s at x (n, 2) of two round Gaussians about ms and mt, over its mean."""
    w = np.exp(log_density(x, mt, sd) - log_density(x, ms, sd))
    found: np.ndarray = w / w.mean()
    return found


class NoExponent(ImportanceWeighting):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        w = self.source_weights(batch.xs, 1.0)
        return {"task": (w * F.cross_entropy(batch.zs, batch.ys, reduction="none")).mean()}


class ByWeights(ImportanceWeighting):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        w = self.source_weights(batch.xs, batch.weight)
        losses = F.cross_entropy(batch.zs, batch.ys, reduction="none")
        return {"task": (w * losses).sum() / w.sum()}


class Factor(ImportanceWeighting):
    def forward(self, batch: Batch) -> dict[str, Tensor]:
        w = batch.weight * self.source_weights(batch.xs, 1.0)
        return {"task": (w * F.cross_entropy(batch.zs, batch.ys, reduction="none")).mean()}


EXERCISES = {
    "effective": Exercise(
        oracle=effective_sample_size,
        cases=[(np.ones(7),), (some_weights(0, 20),), (5 * some_weights(1, 50),)],
        mistakes={
            "not-squared": lambda w: w.sum() / np.square(w).sum(),
            "square-of-sum": lambda w: w.sum() ** 2 / w.sum() ** 2,
            "count": lambda w: float((w > 0).sum()),
        },
    ),
    "weights": Exercise(
        oracle=weights,
        cases=[
            (sample(2, 30), np.array([-1.0, 0.0]), np.array([1.0, 0.0]), 0.8),
            (sample(3, 20), np.array([0.0, 0.5]), np.array([1.0, 2.0]), 1.5),
        ],
        mistakes={
            "turned": lambda x, ms, mt, sd: weights(x, mt, ms, sd),
            "no-scale": lambda x, ms, mt, sd: np.exp(
                log_density(x, mt, sd) - log_density(x, ms, sd)
            ),
            "no-two": lambda x, ms, mt, sd: weights(x, ms, mt, sd / np.sqrt(2)),
            "target-only": lambda x, _, mt, sd: (
                np.exp(log_density(x, mt, sd)) / np.exp(log_density(x, mt, sd)).mean()
            ),
        },
    ),
    "MyWeighting": Played(
        board="mine",
        mistakes={
            "no-exponent": NoExponent,
            "by-weights": ByWeights,
            "factor": Factor,
        },
        seconds=60.0,
    ),
}
