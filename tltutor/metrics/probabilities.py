"""Check class probabilities: one row a point, one column a class, each row a distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from tltutor.projections.checks import as_features, as_labels

ROUNDING = 1e-2  # how far from 1 a row may sum: as far as bfloat16 rounds


def as_probabilities(p: Any, what: str = "probabilities", classes: int | None = None) -> np.ndarray:
    """Return probabilities (n, k) as float64 on the CPU, k 2 or more, or `classes` if given.

    Takes what `as_features` takes. Raises ValueError for NaN, a single column, and rows that are no distribution.
    """
    rows: np.ndarray = as_features(p, what).cpu().double().numpy()
    if rows.shape[1] < 2 or (classes and rows.shape[1] != classes):
        raise ValueError(
            f"{what} must have one column for each of {classes or 'at least 2'} classes, got {rows.shape[1]}:"
            " for a single probability p pass the columns 1 - p and p"
        )
    wrong = (np.abs(rows.sum(1) - 1) > ROUNDING) | (rows < 0).any(1)
    if wrong.any():
        raise ValueError(
            f"{what} must be at least 0 and sum to 1 in each row, got the sum {rows[wrong][0].sum():.4g} in row"
            f" {int(wrong.argmax())}: for logits pass torch.softmax(logits, 1)"
        )
    return rows


def as_known_labels(labels: Any, p: np.ndarray, what: str = "labels") -> np.ndarray:
    """Return labels (n,) int64 of probabilities (n, k), each of them 0 to k - 1. Raises ValueError for others."""
    y: np.ndarray = as_labels(labels, len(p), what).numpy()
    check_columns(y, p, what)
    if (y < 0).any():
        raise ValueError(
            f"{what} must be known, got {int(y.min())} for example {int((y < 0).argmax())}: leave out examples without a label"
        )
    return y


def check_columns(y: np.ndarray, p: np.ndarray, what: str = "labels") -> None:
    """Refuse labels (n,) beyond the columns of the probabilities (n, k)."""
    if y.max() >= p.shape[1]:
        raise ValueError(
            f"{what} must be below the {p.shape[1]} columns of the probabilities, got {int(y.max())}: pass one column a class"
        )
