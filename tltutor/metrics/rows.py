"""Prepare rows for the metrics: two samples in one tensor, or one tensor split by domain, at the precision of what was given."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.projections.checks import Array, as_features, shifted


def as_rows(x: Array, what: str = "features") -> Tensor:
    """Return x (n, d) about its first row, as float32: distances and directions stay, and far from 0 no digit is lost."""
    rows = as_features(x, what)
    return shifted(rows, rows[0])


def pooled(xs: Array, xt: Array) -> tuple[Tensor, int]:
    """Return the rows of both domains (n_s + n_t, d) about one row, as float32, the source's first, and n_s."""
    s, t = as_features(xs, "xs"), as_features(xt, "xt")
    if s.shape[1] != t.shape[1]:
        raise ValueError(
            f"xs and xt must have rows of one width, got {s.shape[1]} and {t.shape[1]}: give both the same features"
        )
    x = torch.cat([s, t.to(s.device)])  # the wider of both types
    return shifted(x, x[0]), len(s)
