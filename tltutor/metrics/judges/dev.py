"""DEV (You et al., 2019): the importance-weighted risk with a control variate, because weights must average 1."""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.judges.losses import Loss, as_weights, example_losses
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def dev_risk(
    source_probabilities: Array, source_labels: Array, weights: Array, *, loss: Loss = "error"
) -> float:
    """Return mean(w l) + eta (mean(w) - 1), eta = -Cov(w l, w) / Var(w), of the losses l of held-out source examples.

    The second term is 0 on average and takes variance away. source_probabilities (n, k), source_labels (n,), weights (n,)
    = p_t / p_s of the model's own features (see `domain_weights`). With w = 1, eta is 0 and this is the source risk. It may
    be negative. Errors as in `iwcv_risk`, and for fewer than 2 examples. (You et al., 2019, eq. 7 and algorithm 1. skada 0.6 multiplies,
    by default, each weight with each loss instead of its own.)
    """
    losses = example_losses(source_probabilities, source_labels, loss)
    w = as_weights(weights, len(losses))
    if len(w) < 2:
        raise ValueError("DEV needs at least 2 source examples, got 1: hold out more of the source")
    weighted = w * losses
    covariance = np.cov(weighted, w)  # 1 / (n - 1), both times
    eta = -covariance[0, 1] / covariance[1, 1] if covariance[1, 1] > 0 else 0.0
    return float(weighted.mean() + eta * (w.mean() - 1))


SCORE = Score(
    "dev",
    mark("DEV (deep embedded validation)"),
    "You et al., 2019",
    mark(
        "It needs domains that overlap in the features; a single large weight can turn it negative."
    ),
    dev_risk,
    sign=-1,
)
