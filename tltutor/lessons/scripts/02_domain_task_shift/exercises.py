"""Lesson 02's exercises: the shares of the classes, and probabilities corrected for a label shift."""

from __future__ import annotations

import numpy as np

from tltutor.lessons.exercises import Exercise

EVEN, TARGET = np.array([1 / 3, 1 / 3, 1 / 3]), np.array([0.1, 0.2, 0.7])
ROWS = np.array([[0.8, 0.1, 0.1], [0.4, 0.2, 0.4], [1 / 3, 1 / 3, 1 / 3]])


def label_shares(y: np.ndarray, classes: int) -> np.ndarray:
    """p(y) of labels y (n,): (classes,), one place for every class."""
    return np.array([np.mean(y == c) for c in range(classes)])


def corrected(p: np.ndarray, source_shares: np.ndarray, target_shares: np.ndarray) -> np.ndarray:
    """Bayes' rule with another prior (Saerens et al., 2002, eq. 2.4): p (n, k) for the source's shares, to the target's."""
    w = target_shares / source_shares
    return np.stack([row * w / (row @ w) for row in p])


EXERCISES = {
    "label_shares": Exercise(
        oracle=label_shares,
        cases=[
            (np.array([0, 1, 2, 2]), 3),
            (np.array([0, 0, 1]), 3),
            (np.array([1, 1, 1, 1, 0]), 2),
        ],
        mistakes={
            "counts": lambda y, k: np.bincount(y, minlength=k).astype(float),
            "present": lambda y, k: np.bincount(y, minlength=k) / k,
        },
    ),
    "corrected": Exercise(
        oracle=corrected,
        cases=[(ROWS, EVEN, TARGET), (ROWS, TARGET, EVEN), (ROWS[:1], EVEN, EVEN)],
        mistakes={
            "turned": lambda p, s, t: corrected(p, t, s),
            "rows": lambda p, s, t: p * t / s,
            "columns": lambda p, s, t: (
                p * t / s / (p * t / s).sum(1)
            ),  # lays the rows' sums along the columns
        },
    ),
}
