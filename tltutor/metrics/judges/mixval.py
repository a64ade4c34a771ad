"""MixVal (Hu et al., 2023): does the model give a mix of two target examples the class of the larger part?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tltutor.language import mark
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array, as_labels

SHARE = 0.55  # of the first example, as in the paper


def mixed_inputs(inputs: Any, partners: Array, *, share: float = SHARE) -> Any:
    """Return share * x_i + (1 - share) * x_(partner of i): inputs (m, ...) floats, array or tensor, partners (m,) row numbers."""
    return share * inputs + (1 - share) * inputs[np.asarray(partners)]


def mixval(
    target_probabilities: Array, mixed_probabilities: Array, mixing_partners: Array
) -> float:
    """Return how often a mix is given the predicted class of its larger part: the mean of two shares, 0..1.

    target_probabilities (m, k); mixed_probabilities (m, k) of `mixed_inputs`, row i made mostly of example i and less of
    example mixing_partners[i] (m,). One share is over mixes of one class (inside a cluster), one over mixes of two (at the
    border). A share of no mixes at all counts as 0, so that a model of one class gets .5 at most; skada leaves it out,
    and gives 1. Raises ValueError for NaN, other shapes and rows that are no distribution.
    (Hu et al., 2023, section 3; there the ranks of both shares are averaged over models, here the shares themselves.)
    """
    p = as_probabilities(target_probabilities, "target_probabilities")
    mixed = as_probabilities(mixed_probabilities, "mixed_probabilities", classes=p.shape[1])
    partner = as_labels(mixing_partners, len(p), "mixing_partners").numpy()
    if len(mixed) != len(p) or partner.min() < 0 or partner.max() >= len(p):
        raise ValueError(
            f"there must be one mix a target example, of partners 0 to {len(p) - 1}, got {len(mixed)} mixes of partners"
            f" {partner.min()} to {partner.max()}: mix the target's own examples"
        )
    classes = p.argmax(1)
    kept = mixed.argmax(1) == classes
    inside = classes == classes[partner]
    shares = [kept[some].mean() if some.any() else 0.0 for some in (inside, ~inside)]
    return float(np.mean(shares))


def mixval_of(
    predict: Callable[[Any], Array], target_inputs: Any, *, share: float = SHARE, seed: int = 0
) -> float:
    """Return `mixval` of a model: predict takes inputs (m, ...) and returns probabilities (m, k); partners are drawn by seed."""
    if not 0.5 < share < 1:
        raise ValueError(f"share must be between 0.5 and 1, got {share}: the paper takes {SHARE}")
    partners = np.random.default_rng(seed).permutation(len(target_inputs))
    mixed = predict(mixed_inputs(target_inputs, partners, share=share))
    return mixval(predict(target_inputs), mixed, partners)


SCORE = Score(
    "mixval",
    mark("MixVal (mixed examples)"),
    "Hu et al., 2023",
    mark("It measures smooth borders: a model whose clusters have swapped classes passes."),
    mixval,
)
