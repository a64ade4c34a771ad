"""Accuracy: the share of examples whose predicted class is the true one."""

from __future__ import annotations

from tltutor.projections.checks import Array, as_labels


def accuracy(predictions: Array, labels: Array) -> float:
    """Return the share, 0..1, of the labeled examples (label >= 0) that are predicted right; both are class numbers (n,).

    Raises ValueError or TypeError for other shapes, text, or if no example is labeled.
    """
    p = as_labels(predictions, len(predictions), "predictions")
    y = as_labels(labels, len(p), "labels")
    labeled = y >= 0
    if not labeled.any():
        raise ValueError(
            f"an accuracy needs at least one labeled example, got none among {len(y)}: pass labels of 0 or more"
        )
    return float((p == y)[labeled].double().mean())
