"""Lesson 18's exercises: the target's classes given the source's, and LEEP."""

from __future__ import annotations

import numpy as np

from tltutor.lessons.exercises import Exercise
from tltutor.metrics.transferability import leep as oracle


def given(theta: np.ndarray, y: np.ndarray) -> np.ndarray:
    """P(y | z), (k, z), of probabilities theta (n, z) and labels y (n,): entry by entry (Nguyen et al., 2020, eq. 1)."""
    classes = range(int(y.max()) + 1)
    found = [
        [theta[y == c, z].sum() / theta[:, z].sum() for z in range(theta.shape[1])] for c in classes
    ]
    return np.array(found)


def leep(theta: np.ndarray, y: np.ndarray) -> float:
    return oracle(theta, y)


def answers(seed: int, n: int, z: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """What a source network of z classes says of n target images, and their labels of k classes."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(z, 0.5), n), np.arange(n) % k


def joint(theta: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(given(theta, y) * theta.mean(0))


def expected(theta: np.ndarray, y: np.ndarray) -> np.ndarray:
    """P(y_i | z) theta_iz summed over z: (n,)."""
    return np.asarray((theta * given(theta, y)[y]).sum(1))


EXERCISES = {
    "given": Exercise(
        oracle=given,
        cases=[answers(0, 12, 4, 3), answers(1, 9, 2, 3)],
        mistakes={
            "rows": lambda theta, y: joint(theta, y) / joint(theta, y).sum(1, keepdims=True),
            "all": joint,
        },
    ),
    "leep": Exercise(
        oracle=leep,
        cases=[answers(2, 12, 4, 3), answers(3, 15, 3, 3)],
        mistakes={
            "sum": lambda theta, y: float(np.log(expected(theta, y)).sum()),
            "log-of-mean": lambda theta, y: float(np.log(expected(theta, y).mean())),
            "no-log": lambda theta, y: float(expected(theta, y).mean()),
        },
    ),
}
