"""Calibration: of the points that a network is 80 % sure of, are 80 % right?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tltutor.metrics.confusion import ratio
from tltutor.metrics.probabilities import as_probabilities, check_columns
from tltutor.metrics.resampling import Estimate, bootstrap
from tltutor.metrics.weights import Measured, group_sums, labeled
from tltutor.projections.checks import Array

BINS = 15  # as in Guo et al., 2017


class Reliability(NamedTuple):
    """The bars of a reliability diagram: mean confidence and accuracy of each bin with points, and its share of them."""

    confidence: np.ndarray
    accuracy: Estimate
    share: np.ndarray


def calibration_error(
    probabilities: Array, labels: Array, *, bins: int = BINS, weights: Array | None = None
) -> Measured:
    """Return the expected calibration error, 0..1, where 0 is best: sum_b n_b / n |accuracy_b - confidence_b|.

    probabilities (n, k), labels (n,) with -1 for none. A point's confidence is its largest probability; the bins divide
    0..1 evenly, (0, 1 / bins] first. weights: (n,), or (b, n) for b values. With few points a calibrated network is above
    0 as well, and a bootstrap adds to that: compare networks on the same points. (Guo et al., 2017, eq. 3.)
    """
    confidence, right, all_ = _binned(probabilities, labels, bins, weights)
    return ratio(np.abs(right - confidence).sum(-1), all_.sum(-1))


def reliability_curve(
    probabilities: Array, labels: Array, *, bins: int = BINS, draws: int = 1000, seed: int = 0
) -> Reliability:
    """Return confidence, accuracy with its interval, and share (m,) of the m bins that hold points, least confident first.

    Arguments as in `calibration_error` and `bootstrap`. (DeGroot & Fienberg, 1983; Guo et al., 2017, eq. 1 and 2.)
    """
    confidence, _, all_ = _binned(probabilities, labels, bins, None)
    used = all_ > 0

    def bin_accuracy(weights: np.ndarray) -> np.ndarray:
        _, right, of_bin = _binned(probabilities, labels, bins, weights)
        found: np.ndarray = ratio(right, of_bin)[..., used]
        return found

    accuracy = bootstrap(bin_accuracy, len(probabilities), draws=draws, seed=seed)
    return Reliability(confidence[used] / all_[used], accuracy, all_[used] / all_.sum())


def _binned(
    probabilities: Array, labels: Array, bins: int, weights: Array | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each bin (..., bins) the weighted sums of the confidence and of the right predictions, and of the weights."""
    p = as_probabilities(probabilities)
    y, w = labeled(labels, weights, len(p))
    check_columns(y, p)
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}: {BINS} are usual")
    confidence = p.max(1)
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    right = p.argmax(1) == y
    sums = [group_sums(w * part, place, bins) for part in (confidence, right, 1.0)]
    return sums[0], sums[1], sums[2]
