"""kNN label agreement: do target points lie among source points of their own class? Labels are used only to judge."""

from __future__ import annotations

import torch

from tltutor.projections.checks import Array, as_features, as_flags, as_labels


def knn_label_agreement(features: Array, labels: Array, is_target: Array, k: int = 10) -> float:
    """Return the share, 0..1, of the k nearest labeled source points of a target point that have its class, on average.

    features (n, d), labels (n,) with -1 for none, is_target (n,); over the labeled target points, in feature space, not on
    the map. If there are fewer than k source points, all are taken. Chance is the share of the class among the source
    points. Unlike the domain probe, it falls when classes are aligned with the wrong ones. Raises ValueError if a domain has
    no labeled point. (The error of a k-nearest-neighbor classifier, Fix & Hodges, 1951, with its vote counted softly.)
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}: the usual number of neighbors is 10")
    x = as_features(features).cpu().double()
    x = x - x.mean(0)  # distances stay; far from 0 their digits would be lost
    y, target = as_labels(labels, len(x)), as_flags(is_target, len(x))
    s, t = (y >= 0) & ~target, (y >= 0) & target
    if not s.any() or not t.any():
        raise ValueError(
            f"label agreement needs labeled points of both domains, got {int(s.sum())} source and {int(t.sum())} target:"
            " draw more points, or give labels to some"
        )
    d = torch.cdist(x[t], x[s])
    nearest = d.topk(min(k, d.shape[1]), largest=False).indices  # (targets, k)
    return float((y[s][nearest] == y[t][:, None]).float().mean())
