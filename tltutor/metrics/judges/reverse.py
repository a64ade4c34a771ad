"""Reverse validation (Bruzzone & Marconcini, 2010; Zhong et al., 2010): learn from the target's answers, and try them on the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tltutor.language import mark
from tltutor.metrics.accuracy import balanced_accuracy
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array, as_labels

Fit = Callable[[Any, np.ndarray, Any], Callable[[Any], Array]]


def reverse_validation(
    target_inputs: Any,
    target_probabilities: Array,
    source_inputs: Any,
    source_labels: Array,
    *,
    fit: Fit,
) -> float:
    """Return the balanced accuracy, 0..1, on the source of a model that was fitted to the target with its predicted classes.

    fit(x, y, unlabeled) fits the same method with both domains in each other's place, x (m, ...) labeled y (m,) and the
    source unlabeled, and returns predict(x) -> class numbers. source_inputs (n, ...), source_labels (n,): best held out
    from the model that is judged. If only one class is predicted, nothing is fitted: the reverse model would say this class
    everywhere, and 1 / k results. Raises ValueError for NaN and rows that are no distribution.
    (Bruzzone & Marconcini, 2010, section III-B; Zhong et al., 2010, section 3; Ganin et al., 2016, section 5.1.1.)
    """
    p = as_probabilities(target_probabilities, "target_probabilities")
    if len(p) != len(target_inputs):
        raise ValueError(
            f"target_inputs and target_probabilities must be of the same examples, got {len(target_inputs)} and {len(p)} rows:"
            " predict these inputs"
        )
    y = as_labels(source_labels, len(source_inputs), "source_labels")
    answers = p.argmax(1)
    if len(np.unique(answers)) == 1:
        return float(balanced_accuracy(np.full(len(y), answers[0]), y))
    predict = fit(target_inputs, answers, source_inputs)
    return float(balanced_accuracy(predict(source_inputs), y))


SCORE = Score(
    "reverse",
    mark("Reverse validation"),
    "Bruzzone & Marconcini, 2010; Zhong et al., 2010",
    mark(
        "It costs a second training; where classes have changed places, the way back undoes the mistake."
    ),
    reverse_validation,
)
