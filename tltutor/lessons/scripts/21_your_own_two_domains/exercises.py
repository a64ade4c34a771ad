"""Lesson 21's exercises: the p-value of a permutation test, and where two samples differ."""

from __future__ import annotations

import numpy as np

from tltutor.lessons.exercises import Exercise


def p_value(value: float, shuffled: np.ndarray) -> float:
    """The p-value, never 0, of a value among those of shuffled names (n,) (Phipson & Smyth, 2010, eq. 2)."""
    everything = np.append(shuffled, value)
    return float(np.mean(everything >= value))


def gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Differences of the means of a (n, d) and b (m, d) in pooled standard deviations plus 1: (d,), column by column."""
    found = []
    for mine, other in zip(a.T, b.T, strict=True):
        both = [*mine, *other]
        found.append((sum(other) / len(other) - sum(mine) / len(mine)) / (np.std(both) + 1))
    return np.array(found)


def rows(seed: int, n: int, d: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 30, (n, d))


EXERCISES = {
    "p_value": Exercise(
        oracle=p_value,
        cases=[
            (0.61, np.array([0.5, 0.48, 0.62, 0.53, 0.47, 0.51, 0.55, 0.49, 0.44])),
            (0.9, np.array([0.5, 0.52, 0.47, 0.55])),
            (0.5, np.array([0.5, 0.4, 0.6])),
        ],
        mistakes={
            "without": lambda value, shuffled: (1 + (shuffled >= value).sum()) / len(shuffled),
            "below": lambda value, shuffled: (1 + (shuffled <= value).sum()) / (1 + len(shuffled)),
        },
    ),
    "gaps": Exercise(
        oracle=gaps,
        cases=[(rows(0, 6), rows(1, 9) + 20), (rows(2, 5, 3), 2 * rows(3, 5, 3))],
        mistakes={
            "turned": lambda a, b: -gaps(a, b),
            "units": lambda a, b: b.mean(0) - a.mean(0),
            "of-a": lambda a, b: (b.mean(0) - a.mean(0)) / (a.std(0) + 1),
        },
    ),
}
