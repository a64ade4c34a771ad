"""H-score (Bao et al., 2019), regularized (Ibrahim et al., 2021): the spread of class means, in units of the features' spread."""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.score import Score
from tltutor.metrics.transferability.labeled import labeled_features
from tltutor.projections.checks import Array


def h_score(
    target_features: Array, target_labels: Array, *, shrinkage: float | None = None
) -> float:
    """Return tr(S_a^-1 (1 - a) S_z), from 0 to k - 1 for k classes: S_z is the covariance of the class means.

    target_features (n, d), target_labels (n,), -1 for none. S_a = (1 - a) S + a tr(S) / d I is the features' covariance S,
    shrunk (both with 1 / n). shrinkage a: 0..1, by default that of Ledoit & Wolf, 2004; 0 is the original score, which any
    d >= n features bring to k - 1. Rotating or scaling the features changes nothing; constant ones score 0.
    Raises ValueError for NaN, fewer than two classes and other shrinkages. (Bao et al., 2019, definition 2; Ibrahim et al.,
    2021, section 3.1.)
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    x, y = labeled_features(target_features, target_labels)
    x = x - x[0]  # constant columns become exactly 0
    x = x - x.mean(0)
    if not x.any():
        return 0.0
    a = float(ledoit_wolf_shrinkage(x, assume_centered=True)) if shrinkage is None else shrinkage
    if not 0 <= a <= 1:
        raise ValueError(
            f"shrinkage must be between 0 and 1, got {a}: leave it out for the estimate of Ledoit and Wolf"
        )
    covariance = x.T @ x / len(x)
    d = len(covariance)
    shrunk = (1 - a) * covariance + a * np.trace(covariance) / d * np.eye(d)
    counts = np.bincount(y)
    means = np.eye(len(counts))[y].T @ x / counts[:, None]  # (k, d)
    solved = np.linalg.lstsq(shrunk, means.T)[0] if a == 0 else np.linalg.solve(shrunk, means.T)
    return float((1 - a) * (counts / len(x) * (means.T * solved).sum(0)).sum())


SCORE = Score(
    "h_score",
    mark("H-score (spread of class means)"),
    "Bao et al., 2019; Ibrahim et al., 2021",
    mark("It compares means alone, and grows with the number of classes and of features."),
    h_score,
)
