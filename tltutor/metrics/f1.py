"""Precision, recall and F1: is what is called a class of that class, is a class found, and the harmonic mean of both."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from tltutor.metrics.accuracy import mean_of_defined
from tltutor.metrics.confusion import confusion_matrix, ratio
from tltutor.metrics.weights import Measured
from tltutor.projections.checks import Array
from tltutor.settings import check_name

Average: TypeAlias = Literal["macro", "weighted", "none"]
AVERAGES = ("macro", "weighted", "none")


def precision(
    predictions: Array, labels: Array, average: Average = "macro", *, weights: Array | None = None
) -> Measured:
    """Return of what is predicted as a class the share that is of that class, 0..1.

    predictions, labels: class numbers (n,), label -1 for none. average: "none" gives one number a class (k,); "macro"
    their mean; "weighted" their mean by the number of examples of each class. A class that has examples but is never
    predicted, or the reverse, has 0; one that neither has nor gets any is NaN and left out of the means.
    weights: (n,), or (b, n) for b results. (van Rijsbergen, 1979, chapter 7.)
    """
    return _averaged("predicted", predictions, labels, average, weights=weights)


def recall(
    predictions: Array, labels: Array, average: Average = "macro", *, weights: Array | None = None
) -> Measured:
    """Return the share of a class that is predicted as that class, 0..1. Arguments as in `precision`."""
    return _averaged("true", predictions, labels, average, weights=weights)


def f1(
    predictions: Array, labels: Array, average: Average = "macro", *, weights: Array | None = None
) -> Measured:
    """Return 2 P R / (P + R) of precision P and recall R, 0..1. Arguments as in `precision`."""
    return _averaged("both", predictions, labels, average, weights=weights)


def _averaged(
    whole: str, predictions: Array, labels: Array, average: str, *, weights: Array | None
) -> Measured:
    check_name(average, AVERAGES, what="average")
    counts = confusion_matrix(predictions, labels, weights=weights)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, predicted = counts.sum(-1), counts.sum(-2)
    divisor = {"true": true, "predicted": predicted, "both": (true + predicted) / 2}[whole]
    seen = true + predicted > 0
    by_class = np.where(seen, right / np.where(divisor > 0, divisor, 1), np.nan)
    if average == "none":
        return by_class
    if average == "macro":
        return mean_of_defined(by_class)
    return ratio((np.where(seen, by_class, 0) * true).sum(-1), true.sum(-1))
