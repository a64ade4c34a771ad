"""Before and after: two answers to the same points, side by side, and whether the change is more than chance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tltutor.metrics.accuracy import accuracy, balanced_accuracy
from tltutor.metrics.calibration import calibration_error
from tltutor.metrics.f1 import f1
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.ranking import average_precision, roc_auc
from tltutor.metrics.resampling import Estimate, bootstrap
from tltutor.metrics.weights import Measured
from tltutor.projections.checks import Array


class Comparison(NamedTuple):
    """A measure before and after, and the change after - before, each with its interval."""

    before: Estimate
    after: Estimate
    change: Estimate


def compare(
    measure: Callable[..., Measured], before: Array, after: Array, labels: Array, **options: Any
) -> Comparison:
    """Return a measure of two answers to the same n points, and its change, by a paired bootstrap.

    Both answers are measured on the same samples: what is hard about a point is hard for both and cancels. So the interval
    of the change is often shorter than those of its parts suggest, and tells whether it covers 0. Options as in `bootstrap`.
    Raises ValueError unless both answers have n rows. (Efron & Tibshirani, 1993, chapter 8; Koehn, 2004.)
    """
    if len(before) != len(after):
        raise ValueError(
            f"before and after must answer the same points, got {len(before)} and {len(after)} rows: predict the same examples"
        )

    def all_three(weights: np.ndarray) -> np.ndarray:
        a, b = (np.asarray(measure(x, labels, weights=weights)) for x in (before, after))
        return np.stack([a, b, b - a], 1)

    found = bootstrap(all_three, len(before), **options)
    before_, after_, change = (Estimate(*(part[k] for part in found)) for k in range(3))
    return Comparison(before_, after_, change)


def _of_classes(measure: Callable[..., Measured], p: Array, labels: Array, **options: Any) -> Any:
    return measure(as_probabilities(p).argmax(1), labels, **options)


MEASURES: dict[str, Callable[..., Measured]] = {  # (probabilities, labels, weights=) -> value
    "accuracy": partial(_of_classes, accuracy),
    "balanced_accuracy": partial(_of_classes, balanced_accuracy),
    "macro_f1": partial(_of_classes, f1),
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "calibration_error": calibration_error,
}


def side_by_side(
    before: Array, after: Array, labels: Array, **options: Any
) -> dict[str, Comparison]:
    """Return each of MEASURES by name, of probabilities (n, k) before and after: higher is better but for the calibration error.

    labels (n,), -1 for none; options as in `bootstrap`.
    """
    return {
        name: compare(measure, before, after, labels, **options)
        for name, measure in MEASURES.items()
    }
