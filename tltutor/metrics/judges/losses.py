"""The loss of each source example, that judges average; and the weights by which they average it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from tltutor.checks import as_array
from tltutor.metrics.probabilities import as_known_labels, as_probabilities
from tltutor.projections.checks import Array
from tltutor.settings import check_name

Loss: TypeAlias = Literal["error", "cross-entropy"]
LOSSES = ("error", "cross-entropy")
LEAST = 1e-15  # a probability below it counts as this: a loss is at most 34.5 nats


def example_losses(probabilities: Array, labels: Array, loss: Loss = "error") -> np.ndarray:
    """Return the loss of each example (n,): 0 or 1 ("error"), or -log p_y in nats ("cross-entropy").

    probabilities (n, k), labels (n,) 0 to k - 1. Raises ValueError for unknown labels and rows that are no distribution.
    """
    check_name(loss, LOSSES, what="loss")
    p = as_probabilities(probabilities, "source_probabilities")
    y = as_known_labels(labels, p, "source_labels")
    if loss == "error":
        return np.asarray(p.argmax(1) != y, np.float64)
    losses: np.ndarray = -np.log(np.clip(p[np.arange(len(y)), y], LEAST, 1))
    return losses


def as_weights(weights: Array, n: int) -> np.ndarray:
    """Return importance weights (n,) as float64. Raises ValueError for other shapes, NaN, negative ones, and only zeros."""
    w = as_array(weights, what="weights").astype(np.float64)
    if w.shape != (n,):
        raise ValueError(
            f"weights must have shape ({n},), one a source example, got {w.shape}: pass domain_weights of the same examples"
        )
    wrong = ~(np.isfinite(w) & (w >= 0))
    if wrong.any() or not w.any():
        got = f"{w[wrong][0]} for example {wrong.argmax()}" if wrong.any() else f"{n} times 0"
        raise ValueError(
            f"weights must be finite, at least 0, and not all 0, got {got}: the domains may not overlap, pass np.ones({n}) for none"
        )
    return w
