"""Accuracy: the share of examples whose predicted class is the true one, over all examples or as a mean over classes."""

from __future__ import annotations

import numpy as np

from tltutor.metrics.confusion import confusion_matrix, ratio
from tltutor.metrics.weights import Measured, labeled
from tltutor.projections.checks import Array, as_labels


def accuracy(predictions: Array, labels: Array, *, weights: Array | None = None) -> Measured:
    """Return the share, 0..1, of the labeled examples (label >= 0) that are predicted right; both are class numbers (n,).

    weights: (n,), how much each example counts, or (b, n) for b shares. Raises ValueError or TypeError for other shapes,
    text, or if no example is labeled.
    """
    p = as_labels(predictions, len(predictions), "predictions").numpy()
    y, w = labeled(labels, weights, len(p))
    right = ratio((w * (p == y)).sum(-1), w.sum(-1))
    return right if w.ndim > 1 else float(right)


def balanced_accuracy(
    predictions: Array, labels: Array, *, weights: Array | None = None
) -> Measured:
    """Return the mean, over the classes that have labeled examples, of the share of a class that is predicted right.

    Guessing one class gives 1 / k, whatever the shares of the k classes. Arguments as in `accuracy`.
    (Brodersen et al., 2010, for two classes.)
    """
    counts = confusion_matrix(predictions, labels, weights=weights)
    return mean_of_defined(ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1)))


def mean_of_defined(values: np.ndarray) -> Measured:
    """Return the mean over the last axis of the values that are not NaN; NaN where there are none."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0).sum(-1), defined.sum(-1))
