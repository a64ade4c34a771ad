"""IWCV (Sugiyama et al., 2007): the source risk with each example weighted by how target-like it is."""

from __future__ import annotations

from tltutor.language import mark
from tltutor.metrics.judges.losses import Loss, as_weights, example_losses
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def iwcv_risk(
    source_probabilities: Array,
    source_labels: Array,
    weights: Array,
    *,
    loss: Loss = "error",
    normalized: bool = False,
) -> float:
    """Return (1 / n) sum_i w_i loss_i of held-out source examples: the target risk, where only p(x) differs.

    source_probabilities (n, k), source_labels (n,), weights (n,) = p_t(x) / p_s(x), at least 0 (see `domain_weights`). With
    w = 1 it is the source risk. normalized=True divides by sum w instead of n, which is steadier and slightly biased.
    If a few weights are large, a few examples decide: see `tltutor.classical.effective_sample_size`.
    Errors as in `source_risk`, and for weights that are NaN, negative or all 0. (Sugiyama et al., 2007, section 3.)
    """
    losses = example_losses(source_probabilities, source_labels, loss)
    w = as_weights(weights, len(losses))
    return float((w * losses).sum() / (w.sum() if normalized else len(w)))


SCORE = Score(
    "iwcv",
    mark("IWCV (importance-weighted validation)"),
    "Sugiyama et al., 2007",
    mark("It needs domains that overlap: otherwise a few source examples decide."),
    iwcv_risk,
    sign=-1,
)
