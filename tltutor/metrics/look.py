"""The numbers beside the map: taken in feature space at every snapshot, because a map can mislead."""

from __future__ import annotations

import numpy as np

from tltutor.metrics.knn import knn_label_agreement
from tltutor.metrics.mmd_band import mmd2_permutation_band
from tltutor.metrics.probe import domain_probe
from tltutor.metrics.rows import both_domains
from tltutor.projections.checks import Array, as_features, as_flags, as_labels


def feature_numbers(
    features: Array,
    labels: Array,
    is_target: Array,
    seed: int = 0,
    *,
    folds: np.ndarray | None = None,
) -> dict[str, float]:
    """Return domain-probe accuracy and MMD^2 with their null bands, and the kNN label agreement, by name.

    features (n, d), labels (n,) with -1 for none, is_target (n,); folds: those of the probe (n,), by default drawn by seed.
    The agreement, which uses target labels to judge, is left out if a domain has no label. Deterministic by seed; no global
    random state is read or changed. Raises ValueError if a domain has fewer than 2 points.
    """
    x = as_features(features)
    labels, target = as_labels(labels, len(x)), as_flags(is_target, len(x))
    probe = domain_probe(x, target, seed=seed, folds=folds)
    value, low, high = mmd2_permutation_band(*both_domains(x, target), seed=seed)
    numbers = {
        "domain_probe_accuracy": probe.accuracy,
        "domain_probe_null_high": probe.null_high,
        "mmd2": value,
        "mmd2_null_low": low,
        "mmd2_null_high": high,
    }
    if (labels[target] >= 0).any() and (labels[~target] >= 0).any():
        numbers["knn_label_agreement"] = knn_label_agreement(x, labels, target)
    return numbers
