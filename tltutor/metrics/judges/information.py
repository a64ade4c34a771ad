"""Information maximization (Bridle et al., 1991): is the model sure of each answer, and are its answers different?"""

from __future__ import annotations

from tltutor.language import mark
from tltutor.metrics.judges.entropy import entropies
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def mutual_information(target_probabilities: Array) -> float:
    """Return H(mean p) - mean H(p) of target probabilities (m, k): from 0 to log k nats.

    It is 0 for a model that answers every example alike, sure or not. Raises ValueError for NaN and rows that are no
    distribution. (Bridle, Heading & MacKay, 1991, eq. 4; as a validator: Musgrave et al., 2022.)
    """
    p = as_probabilities(target_probabilities, "target_probabilities")
    return float(entropies(p.mean(0)) - entropies(p).mean())


SCORE = Score(
    "information",
    mark("Information (sure and varied answers)"),
    "Bridle et al., 1991; Musgrave et al., 2022",
    mark(
        "It rewards even shares of the classes, and does not see that clusters have swapped classes."
    ),
    mutual_information,
)
