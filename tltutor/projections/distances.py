"""Exact distances between all points: squared distances by one matrix product, and from them the k nearest neighbours."""

from __future__ import annotations

import torch
from torch import Tensor

EPS = torch.finfo(torch.float32).eps


def squared_distances(x: Tensor) -> Tensor:
    """d^2 between all rows of x (n, d): (n, n), symmetric; exactly 0 on the diagonal and between rows alike to float32's rounding."""
    size = x.abs().amax() * x.shape[1] ** 0.5
    x = x - x.mean(0)  # distances stay, rounding errors shrink
    squares = x.square().sum(1, keepdim=True)
    less = (squares * (1 - 16 * EPS) - (2 * EPS * size) ** 2 / 2) / 2  # what rounding may add is taken away
    halves = torch.cat([-x, less, torch.ones_like(less)], 1) @ torch.cat([x, torch.ones_like(less), less], 1).T
    halves.clamp_min_(0)
    return (halves + halves.T).fill_diagonal_(0)


def plane_distances(y: Tensor, *, plus: float = 0.0) -> Tensor:
    """|y_i - y_j|^2 + plus between points of the plane y (n, 2): (n, n), quick, exact to rounding of |y|^2."""
    squares, ones = y.square().sum(1), torch.ones_like(y[:, 0])
    left = torch.stack([-2 * y[:, 0], -2 * y[:, 1], squares + plus, ones], 1)  # (n, 4)
    right = torch.stack([y[:, 0], y[:, 1], ones, squares])  # (4, n)
    return left @ right


def nearest(d2: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Distances and row numbers (n, k) of each point's k nearest others, the nearest first, from squared distances (n, n)."""
    others = d2.clone().fill_diagonal_(torch.inf)
    squared, rows = others.topk(min(k, len(d2) - 1), largest=False)
    return squared.sqrt(), rows
