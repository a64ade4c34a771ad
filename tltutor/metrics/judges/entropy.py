"""Entropy (Morerio et al., 2018): is the model sure of its answers on the target?"""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def entropies(p: np.ndarray) -> np.ndarray:
    """Return -sum_c p_c log p_c of each distribution in the last axis, in nats; 0 log 0 is 0."""
    return np.asarray(-(p * np.log(np.where(p > 0, p, 1))).sum(-1))


def mean_entropy(target_probabilities: Array) -> float:
    """Return the mean entropy of target probabilities (m, k), 0 to log k nats; as a judge, less is better.

    Raises ValueError for NaN and rows that are no distribution. (Morerio et al., 2018, section 3.3.)
    """
    return float(entropies(as_probabilities(target_probabilities, "target_probabilities")).mean())


SCORE = Score(
    "entropy",
    mark("Entropy of the target's answers"),
    "Morerio et al., 2018",
    mark(
        "A model that gives every example the same class, and is sure of it, gets the best value."
    ),
    mean_entropy,
    sign=-1,
)
