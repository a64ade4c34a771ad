"""Model size alone: the baseline that a transferability score has to beat."""

from __future__ import annotations

import math

from tltutor.language import mark
from tltutor.metrics.score import Score


def log_size(parameters: float) -> float:
    """Return log10 of the number of parameters: larger pretrained models often transfer better. Raises ValueError below 1."""
    if not parameters >= 1 or math.isinf(parameters):
        raise ValueError(
            f"parameters must be the number of a model's parameters, 1 or more, got {parameters}:"
            " pass sum(p.numel() for p in network.parameters())"
        )
    return math.log10(parameters)


SCORE = Score(
    "size",
    mark("Model size (a baseline)"),
    "a baseline without a paper",
    mark("It knows nothing of the target, and of the model only how large it is."),
    log_size,
)
