"""The numbers that stand beside the map: taken in feature space at every look, because a map can mislead."""

from __future__ import annotations

from tltutor.metrics.mmd_null import mmd2_null_band
from tltutor.metrics.neighbours import neighbour_agreement
from tltutor.metrics.probe import domain_probe
from tltutor.metrics.rows import Array, as_rows, as_values, both_domains


def feature_numbers(features: Array, labels: Array, is_target: Array, seed: int = 0) -> dict[str, float]:
    """Domain-probe accuracy and MMD^2 with their null bands, and the neighbour label agreement, by name.

    features (n, d), labels (n,) with -1 for none, is_target (n,) bool. The agreement, which uses target labels to judge, is
    absent where the target or the source has none. Deterministic by seed; no global random state is read or changed.
    """
    x = as_rows(features)
    labels, target = as_values(labels, len(x), "labels"), as_values(is_target, len(x), "is_target").bool()
    probed = domain_probe(x, target, seed=seed)
    value, low, high = mmd2_null_band(*both_domains(x, target), seed=seed)
    numbers = {
        "domain_probe_accuracy": probed.accuracy,
        "domain_probe_null_high": probed.null_high,
        "mmd2": value,
        "mmd2_null_low": low,
        "mmd2_null_high": high,
    }
    if (labels[target] >= 0).any() and (labels[~target] >= 0).any():
        numbers["neighbour_agreement"] = neighbour_agreement(x, labels, target)
    return numbers
