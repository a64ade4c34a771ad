"""Choose a model without target labels, and never one that has collapsed to a single class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tltutor.metrics.probabilities import as_probabilities
from tltutor.projections.checks import Array


def is_collapsed(target_probabilities: Array) -> bool:
    """Return whether all target examples (m, k) are given the same class: with more than one example, a failed model."""
    p = as_probabilities(target_probabilities, "target_probabilities")
    return len(p) > 1 and len(np.unique(p.argmax(1))) == 1


def choose(scores: Mapping[str, float], target_probabilities: Mapping[str, Array]) -> str:
    """Return the name of the model with the highest score among those that have not collapsed; the first of equal ones.

    scores: one judge's, by the name of the model; target_probabilities: (m, k) of each model. A model whose score is NaN is
    never chosen. Raises ValueError if no model is left.
    """
    left = {
        name: score
        for name, score in scores.items()
        if not np.isnan(score) and not is_collapsed(target_probabilities[name])
    }
    if not left:
        raise ValueError(
            f"a choice needs a model that predicts at least two classes and has a score, got none among {len(scores)}:"
            " train with a smaller lambda or learning rate"
        )
    return max(left, key=left.__getitem__)
