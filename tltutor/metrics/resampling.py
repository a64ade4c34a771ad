"""The bootstrap (Efron, 1979): how far a number would move on other samples, seen by drawing points again with replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tltutor.metrics.weights import Measured
from tltutor.projections.checks import Array

CHUNK = 2**18  # counts that are in memory at a time


class Estimate(NamedTuple):
    """A measured value with an interval; a measure that returns an array gives three arrays of its shape."""

    value: Measured
    low: Measured
    high: Measured


def bootstrap(
    measure: Callable[[np.ndarray], Measured],
    n: int,
    *,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    groups: Array | None = None,
) -> Estimate:
    """Return the measure of all n points, and the middle `level` of its values on samples drawn with replacement.

    measure: called with weights (b, n), how often each of b samples contains each point; returns (b, ...). All measures of
    this room that take `weights` serve: `bootstrap(lambda w: roc_auc(p, y, weights=w), len(y))`. groups: (n,), for points
    that belong together, such as one patient's images: whole groups are drawn. Samples on which the measure is NaN, such
    as those without a class, are left out. Deterministic by seed.
    A share of 0 or 1 has an interval without width, and with fewer than about 20 points intervals are too short.
    Raises ValueError for fewer than 2 points or groups, 1 draw, or a level outside 0..1. (Efron & Tibshirani, 1993, ch. 13.)
    """
    if draws < 2 or not 0 < level < 1:
        raise ValueError(
            f"draws must be at least 2 and level between 0 and 1, got {draws} and {level}: 1000 and 0.95 are usual"
        )
    rng = np.random.default_rng(seed)
    found = [np.asarray(measure(counts)) for counts in _counts(n, draws, rng, groups)]
    low, high = _quantiles(np.concatenate(found), [(1 - level) / 2, (1 + level) / 2])
    return Estimate(np.asarray(measure(np.ones((1, n))))[0], low, high)


def estimate(
    measure: Callable[..., Measured], answers: Array, labels: Array, **options: Any
) -> Estimate:
    """Return a measure of answers (predictions or probabilities) and labels with its bootstrap interval.

    `estimate(balanced_accuracy, predictions, labels)`; options as in `bootstrap`.
    """
    return bootstrap(lambda w: measure(answers, labels, weights=w), len(answers), **options)


def _counts(
    n: int, draws: int, rng: np.random.Generator, groups: Array | None
) -> Iterator[np.ndarray]:
    """Yield how often each point is drawn: (b, n), for `draws` samples altogether."""
    member = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    if member.shape != (n,):
        raise ValueError(
            f"groups must have shape ({n},), one a point, got {member.shape}: pass the group of each point"
        )
    m = int(member.max()) + 1 if n else 0
    if m < 2:
        raise ValueError(f"a bootstrap needs at least 2 points or groups, got {m}: pass more")
    step = max(1, CHUNK // n)
    for start in range(0, draws, step):
        b = min(step, draws - start)
        drawn = rng.integers(m, size=(b, m)) + m * np.arange(b)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=b * m).reshape(b, m)
        yield counts[:, member].astype(np.float64)


def _quantiles(values: np.ndarray, q: list[float]) -> Any:
    """Return the quantiles (len(q), ...) over the first axis, without NaN; NaN where all are."""
    none = np.isnan(values).all(0)
    found = np.nanquantile(np.where(none, 0, values), q, axis=0)
    return np.where(none, np.nan, found)
