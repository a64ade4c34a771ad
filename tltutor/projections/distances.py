"""Exact distances between all points: squared distances by one matrix product, and from them the k nearest neighbours."""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDING = 16 * torch.finfo(torch.float32).eps  # of |x|^2 + |y|^2: below it a squared distance is rounding error


def squared_distances(x: Tensor) -> Tensor:
    """d^2 between all rows of x (n, d): (n, n), symmetric, the diagonal and the distances of duplicates exactly 0."""
    x = x - x.mean(0)  # distances stay, rounding errors shrink
    squares = x.square().sum(1)
    sums = squares[:, None] + squares
    d2 = torch.addmm(sums, x, x.T, alpha=-2)
    d2 = torch.where(d2 <= ROUNDING * sums, 0.0, d2)
    return ((d2 + d2.T) / 2).fill_diagonal_(0)


def nearest(d2: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Distances and row numbers (n, k) of each point's k nearest others, the nearest first, from squared distances (n, n)."""
    others = d2.clone().fill_diagonal_(torch.inf)
    squared, rows = others.topk(min(k, len(d2) - 1), largest=False)
    return squared.sqrt(), rows
