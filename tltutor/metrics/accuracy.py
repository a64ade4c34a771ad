"""Accuracy: the share of examples whose predicted class is the true one."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from tltutor.metrics.rows import Array


def accuracy(predictions: Array, labels: Array) -> float:
    """Share of the labeled examples (label >= 0) predicted right, 0..1; both (n,)."""
    p, y = (np.asarray(v.detach().cpu() if isinstance(v, Tensor) else v) for v in (predictions, labels))
    if p.shape != y.shape or p.ndim != 1:
        raise ValueError(f"predictions and labels must both have shape (n,), got {p.shape} and {y.shape}")
    if not (y >= 0).any():
        raise ValueError(f"an accuracy needs at least one labeled example, got none among {len(y)}")
    return float((p == y)[y >= 0].mean())
