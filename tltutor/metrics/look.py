"""The numbers beside the map: taken in feature space at every snapshot, because a map can mislead."""

from __future__ import annotations

import numpy as np
import torch

from tltutor.metrics.knn import knn_label_agreement
from tltutor.metrics.mmd_band import mmd2_permutation_band
from tltutor.metrics.probe import domain_probe
from tltutor.projections.checks import Array, as_features, as_flags, as_labels

MOST = 1000  # points of a domain that are compared pair by pair: all pairs of 20,000 would fill gigabytes


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
    The agreement, which uses target labels to judge, is left out if a domain has no label. Where a domain has more than
    `MOST` points, MMD^2 takes so many of it, drawn by seed; so does the agreement of the target's, among all source points.
    Deterministic by seed; no global random state is read or changed. Raises ValueError if a domain has fewer than 2 points.
    """
    x = as_features(features)
    labels, target = as_labels(labels, len(x)), as_flags(is_target, len(x))
    probe = domain_probe(x, target, seed=seed, folds=folds)
    source, own = (_drawn(rows, seed) for rows in (~target, target))
    value, low, high = mmd2_permutation_band(x[source], x[own], seed=seed)
    numbers = {
        "domain_probe_accuracy": probe.accuracy,
        "domain_probe_null_high": probe.null_high,
        "mmd2": value,
        "mmd2_null_low": low,
        "mmd2_null_high": high,
    }
    if (labels[target] >= 0).any() and (labels[~target] >= 0).any():
        judged = ~target
        judged[_drawn(target & (labels >= 0), seed)] = True
        numbers["knn_label_agreement"] = knn_label_agreement(
            x[judged], labels[judged], target[judged]
        )
    return numbers


def _drawn(flags: torch.Tensor, seed: int) -> torch.Tensor:
    """Return the places of the rows that are flagged (n,), or of `MOST` of them, in their order."""
    rows = flags.nonzero().flatten()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    return rows[order[:MOST].sort().values]
