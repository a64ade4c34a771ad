"""How well probabilities rank: is a point of a class given more of it than the others? No threshold is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tltutor.metrics.accuracy import mean_of_defined
from tltutor.metrics.confusion import ratio
from tltutor.metrics.probabilities import as_probabilities, check_columns
from tltutor.metrics.weights import Measured, labeled, sums_by_group
from tltutor.projections.checks import Array


def roc_auc(probabilities: Array, labels: Array, *, weights: Array | None = None) -> Measured:
    """Return the chance, 0..1, that a point of a class has a larger probability of it than another point; .5 is guessing.

    probabilities (n, k), labels (n,) with -1 for none. Each class against all others; the mean over the classes that have
    labeled points and are not alone. Ties count half. weights: (n,), or (b, n) for b values.
    Raises ValueError if fewer than two classes are labeled. (Hanley & McNeil, 1982; Fawcett, 2006, section 9.2.)
    """
    return _one_against_rest(_auc, probabilities, labels, weights)


def average_precision(
    probabilities: Array, labels: Array, *, weights: Array | None = None
) -> Measured:
    """Return the mean precision over the points of a class, each taken where it stands in the ranking by probability, 0..1.

    sum_i (R_i - R_(i-1)) P_i over falling thresholds, for each class against all others; the mean over classes, as in
    `roc_auc`. Guessing gives the share of the class. Unlike the ROC AUC it feels false alarms in a rare class.
    (Davis & Goadrich, 2006, on why nothing is interpolated.)
    """
    return _one_against_rest(_average_precision, probabilities, labels, weights)


class _Ranked(NamedTuple):
    """A class in the ranking by its probability, lowest place first: weights (m, ...) at the m places that have points of it."""

    positive: np.ndarray  # of the points of the class at each place
    all_: np.ndarray  # of all points at each place
    up_to: np.ndarray  # of all points at this place and below
    total: np.ndarray  # of all points (...)


def _one_against_rest(
    of_class: Callable[[_Ranked], Measured],
    probabilities: Array,
    labels: Array,
    weights: Array | None,
) -> Measured:
    p = as_probabilities(probabilities)
    y, w = labeled(labels, weights, len(p))
    check_columns(y, p)
    classes = np.unique(y[y >= 0])
    if len(classes) < 2:
        raise ValueError(
            f"a ranking needs labeled examples of at least 2 classes, got only class {classes[0]}: add examples of another"
        )
    rows = np.ascontiguousarray(w.T)  # (n, ...): sums over points run along memory
    ranked = (_ranked(p[:, c], y == c, rows) for c in classes)
    return mean_of_defined(np.stack([of_class(r) for r in ranked], -1))


def _ranked(p: np.ndarray, is_positive: np.ndarray, rows: np.ndarray) -> _Ranked:
    place = np.unique(p, return_inverse=True)[1]  # equal probabilities share a place
    here, positive = sums_by_group(rows[is_positive], place[is_positive])
    all_ = sums_by_group(rows, place)[1]
    up_to = all_.cumsum(0)
    return _Ranked(positive, all_[here], up_to[here], up_to[-1])


def _auc(r: _Ranked) -> Measured:
    positives = r.positive.sum(0)
    below = (r.up_to - r.all_ / 2) - (r.positive.cumsum(0) - r.positive / 2)  # ties count half
    return ratio((r.positive * below).sum(0), positives * (r.total - positives))


def _average_precision(r: _Ranked) -> Measured:
    positives = r.positive.sum(0)
    found = positives - r.positive.cumsum(0) + r.positive  # at this threshold and above
    taken = r.total - r.up_to + r.all_
    precision = found / np.where(taken > 0, taken, 1)
    ap = ratio((r.positive * precision).sum(0), positives)
    return np.where(r.total > positives, ap, np.nan)[()]
