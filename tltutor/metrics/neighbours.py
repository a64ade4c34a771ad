"""Neighbour label agreement: do target points lie among source points of their own class? Labels are used only to judge."""

from __future__ import annotations

import torch

from tltutor.metrics.rows import Array, as_rows, as_values


def neighbour_agreement(features: Array, labels: Array, is_target: Array, k: int = 10) -> float:
    """Share of the labeled target points' k nearest labeled source points that have the target point's class: 0..1.

    features (n, d), labels (n,) with -1 for none, is_target (n,). In feature space, not on the map. Chance is the share of a
    class among the source points; unlike the domain probe it falls when classes meet the wrong partners.
    """
    x = as_rows(features)
    labels, target = (
        as_values(labels, len(x), "labels").to(x.device),
        as_values(is_target, len(x), "is_target").bool().to(x.device),
    )
    s, t = (labels >= 0) & ~target, (labels >= 0) & target
    if not s.any() or not t.any():
        raise ValueError(f"agreement needs labeled points of both domains, got {int(s.sum())} source and {int(t.sum())} target")
    d = torch.cdist(x[t], x[s])
    nearest = d.topk(min(k, d.shape[1]), largest=False).indices  # (targets, k)
    return float((labels[s][nearest] == labels[t][:, None]).float().mean())
