"""ATC (Garg et al., 2022): the target accuracy, read off the confidence above which the source is as often right."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tltutor.language import mark
from tltutor.metrics.judges.entropy import entropies
from tltutor.metrics.probabilities import as_known_labels, as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array
from tltutor.settings import check_name

SURENESS = ("entropy", "confidence")


def atc_accuracy(
    source_probabilities: Array,
    source_labels: Array,
    target_probabilities: Array,
    *,
    sureness: Literal["entropy", "confidence"] = "entropy",
) -> float:
    """Return the share of target examples that are surer than t, where this share of the source is its accuracy: 0..1.

    source_probabilities (n, k) and source_labels (n,) of held-out source examples, target_probabilities (m, k). sureness:
    negative "entropy", or "confidence", the largest probability. Of the points exactly at t, so many count that the source
    comes out at its accuracy; of the target's the same share. So a source judged by itself gets its accuracy, and a
    constant model gets no more on the target. Raises ValueError for NaN, unknown labels, other classes, and rows that are
    no distribution. (Garg et al., 2022, eq. 1 and 2.)
    """
    check_name(sureness, SURENESS, what="sureness")
    p = as_probabilities(source_probabilities, "source_probabilities")
    y = as_known_labels(source_labels, p, "source_labels")
    q = as_probabilities(target_probabilities, "target_probabilities", classes=p.shape[1])
    s, t = (-entropies(x) if sureness == "entropy" else x.max(1) for x in (p, q))
    s, t = np.round(s, 12), np.round(t, 12)  # one value for one distribution in another order
    right = int((p.argmax(1) == y).sum())
    if right == 0:
        return 0.0
    threshold = np.sort(s)[::-1][right - 1]
    at = (right - (s > threshold).sum()) / (s == threshold).sum()
    return float((t > threshold).mean() + at * (t == threshold).mean())


SCORE = Score(
    "atc",
    mark("ATC (estimated target accuracy)"),
    "Garg et al., 2022",
    mark("It believes confidence: a model that is sure and wrong on the target looks good."),
    atc_accuracy,
)
