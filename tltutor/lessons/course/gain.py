"""What a class has learned: the same questions before and after, learner by learner.

The normalized gain is the share of what could be gained that was: (after - before) / (n - before) of the class's means (Hake, 1998).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from tltutor.lessons.course.answers import Answers
from tltutor.lessons.course.questions import Item

REPEATS = 10_000  # of the bootstrap
LEVEL = (2.5, 97.5)  # percent
FEW = 10  # learners: below, an interval says little


@dataclass(frozen=True)
class Row:
    """A question: the shares that were right before and after, and the wrong letter that most have chosen after ("" for none)."""

    id: str
    before: float
    after: float
    error: str
    errors: int


@dataclass(frozen=True)
class Gain:
    """The class's gain: points before and after (n,), those of each learner who answered both; the interval is a bootstrap's, 95 %.

    normalized: nan where every learner had all points before. alone: learners who answered once, and are left out.
    """

    before: np.ndarray
    after: np.ndarray
    normalized: float
    interval: tuple[float, float]
    rows: tuple[Row, ...]
    alone: tuple[str, ...]


def gain_of(before: Answers, after: Answers, items: tuple[Item, ...]) -> Gain:
    """Return what was gained. Errors: ValueError if no learner has answered both."""
    both = sorted(before.keys() & after.keys())
    if not both:
        raise ValueError(
            "both files must name the same learners, got none in both: write the names or numbers alike"
        )
    right = np.array([item.right for item in items])
    first, last = (np.array([one[name] for name in both]) == right for one in (before, after))
    points = first.sum(1), last.sum(1)
    most = len(items)
    return Gain(
        before=points[0],
        after=points[1],
        normalized=_normalized(points[0].mean(), points[1].mean(), most),
        interval=_interval(points[0], points[1], most),
        rows=tuple(
            _row(item, first[:, i], last[:, i], [after[name][i] for name in both])
            for i, item in enumerate(items)
        ),
        alone=tuple(sorted(before.keys() ^ after.keys())),
    )


def _normalized(before: float, after: float, most: int) -> float:
    return float((after - before) / (most - before)) if before < most else float("nan")


def _interval(before: np.ndarray, after: np.ndarray, most: int) -> tuple[float, float]:
    """Draw learners anew, each with both tests, and return the middle 95 % of the gains."""
    random = np.random.default_rng(0)
    drawn = random.integers(len(before), size=(REPEATS, len(before)))
    b, a = before[drawn].mean(1), after[drawn].mean(1)
    possible = b < most
    if not possible.any():
        return float("nan"), float("nan")
    low, high = np.percentile((a - b)[possible] / (most - b)[possible], LEVEL)
    return float(low), float(high)


def _row(item: Item, first: np.ndarray, last: np.ndarray, given: list[str]) -> Row:
    wrong = Counter(letter for letter in given if letter and letter != item.right)
    error, errors = min(wrong.items(), key=lambda one: (-one[1], one[0])) if wrong else ("", 0)
    return Row(item.id, float(first.mean()), float(last.mean()), error, errors)
