"""The source risk: how wrong is the model on held-out source examples? It knows nothing of the target."""

from __future__ import annotations

from tltutor.language import mark
from tltutor.metrics.judges.losses import Loss, example_losses
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def source_risk(
    source_probabilities: Array, source_labels: Array, *, loss: Loss = "error"
) -> float:
    """Return the mean loss of held-out source examples: (n, k) probabilities, (n,) labels 0 to k - 1.

    loss: "error" counts wrong predictions, "cross-entropy" is in nats. Raises ValueError for NaN, unknown labels, and rows
    that are no distribution. (Ganin et al., 2016, section 5.1.1, discusses it as a criterion.)
    """
    return float(example_losses(source_probabilities, source_labels, loss).mean())


SCORE = Score(
    "source_risk",
    mark("Source risk"),
    "Ganin et al., 2016",
    mark("It is blind to the target: a model that is best on the source may fail there."),
    source_risk,
    sign=-1,
)
