"""Labeled target examples as the scores take them: those with a label alone, classes numbered without gaps."""

from __future__ import annotations

import numpy as np

from tltutor.projections.checks import Array, as_features, as_labels


def labeled_features(
    features: Array, labels: Array, what: str = "target"
) -> tuple[np.ndarray, np.ndarray]:
    """Return features (m, d) float64 and labels (m,) 0 to k - 1 of the labeled rows (label >= 0).

    Raises ValueError for NaN, other shapes, and fewer than two classes.
    """
    x = as_features(features, f"{what}_features").cpu().double().numpy()
    y = as_labels(labels, len(x), f"{what}_labels").numpy()
    return x[y >= 0], numbered(y, f"{what}_labels")


def numbered(y: np.ndarray, what: str = "target_labels") -> np.ndarray:
    """Return the labels (m,) of the labeled rows as 0 to k - 1. Raises ValueError for fewer than two classes."""
    classes, numbers = np.unique(y[y >= 0], return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"{what} must hold at least 2 classes, got {len(classes)}: add labeled examples of others"
        )
    return np.asarray(numbers, np.int64)
