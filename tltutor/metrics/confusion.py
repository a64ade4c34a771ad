"""The confusion matrix: which classes are taken for which. Most measures of predicted classes are read off it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tltutor.metrics.weights import Measured, group_sums, labeled
from tltutor.projections.checks import Array, as_labels
from tltutor.settings import check_name


def confusion_matrix(
    predictions: Array,
    labels: Array,
    *,
    n_classes: int | None = None,
    share_of: Literal["", "true", "predicted"] = "",
    weights: Array | None = None,
) -> np.ndarray:
    """Return the counts (k, k): entry (i, j) counts the labeled points of class i that are predicted as class j.

    predictions, labels: class numbers (n,); points with label -1 do not count. n_classes: k, by default the largest number
    + 1. share_of="true" divides each row by its sum (of class i, the share predicted as j), "predicted" each column (of
    what is predicted as j, the share that is i); 0 / 0 is NaN. weights: (n,), or (b, n) for matrices (b, k, k).
    Raises ValueError for numbers of n_classes or more, negative predictions and other shapes. (Stehman, 1997.)
    """
    p = as_labels(predictions, len(predictions), "predictions").numpy()
    y, w = labeled(labels, weights, len(p))
    k = int(max(p.max(), y.max())) + 1 if n_classes is None else n_classes
    for numbers, what, least in ((p, "predictions", 0), (y, "labels", -1)):
        if numbers.min() < least or numbers.max() >= k:
            raise ValueError(
                f"{what} must be class numbers 0 to {k - 1}, got {int(numbers.min())} to {int(numbers.max())}:"
                " pass the number of classes as n_classes"
            )
    counts = group_sums(w, np.maximum(y, 0) * k + p, k * k).reshape(*w.shape[:-1], k, k)
    if share_of:
        check_name(share_of, ("true", "predicted"), what="share_of")
        counts = ratio(counts, counts.sum(-1 if share_of == "true" else -2, keepdims=True))
    return counts


def ratio(part: np.ndarray, whole: np.ndarray) -> Measured:
    """Return part / whole, NaN where the whole is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)[()]
