"""Exact distances between all points: squared distances by one matrix product, and from them the k nearest neighbors.

`objectives/kernels.py` has squared distances too: those carry gradients for a loss and may be slightly off zero; these are
for maps, where equal points must be at distance 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

TILE = 256  # rows and columns
EPS = torch.finfo(torch.float32).eps  # the rounding of features


def squared_distances(x: Tensor) -> Tensor:
    """Return d^2 between all rows of x (n, d): (n, n) in x's dtype, symmetric, exactly 0 on the diagonal.

    Also exactly 0 between rows that differ by float32's rounding only. The product is taken in float64, since clusters far
    from each other would lose their inner distances in float32.
    """
    dtype, size = x.dtype, x.abs().amax() * x.shape[1] ** 0.5
    x = x if x.device.type == "mps" else x.double()  # mps has no float64
    eps = torch.finfo(x.dtype).eps
    x = x - x.mean(0)  # distances stay, rounding errors shrink
    squares = x.square().sum(1, keepdim=True)
    less = (
        squares * (1 - 16 * eps) - (2 * EPS * size) ** 2 / 2
    ) / 2  # subtract what rounding may have added
    halves = (
        torch.cat([-x, less, torch.ones_like(less)], 1)
        @ torch.cat([x, torch.ones_like(less), less], 1).T
    )
    halves.clamp_min_(0)
    return plus_transposed(halves).fill_diagonal_(0).to(dtype)


def plus_transposed(a: Tensor) -> Tensor:
    """Return a + a^T of a square matrix, in a's own memory; tile by tile, since a large one read by columns is slow."""
    tiles = range(0, len(a), TILE)
    for i in tiles:
        for j in tiles[: i // TILE + 1]:
            here, there = a[i : i + TILE, j : j + TILE], a[j : j + TILE, i : i + TILE]
            both = here + there.T
            here.copy_(both)
            there.copy_(both.T)
    return a


def plane_distances(y: Tensor, *, plus: float = 0.0) -> Tensor:
    """Return |y_i - y_j|^2 + plus between points of the plane y (n, 2): (n, n), fast, exact up to the rounding of |y|^2."""
    squares, ones = y.square().sum(1), torch.ones_like(y[:, 0])
    left = torch.stack([-2 * y[:, 0], -2 * y[:, 1], squares + plus, ones], 1)  # (n, 4)
    right = torch.stack([y[:, 0], y[:, 1], ones, squares])  # (4, n)
    return left @ right


def nearest(d2: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return distances and row numbers, (n, k) each, of every point's k nearest others, nearest first; d2 (n, n) squared distances."""
    others = d2.clone().fill_diagonal_(torch.inf)
    squared, rows = others.topk(min(k, len(d2) - 1), largest=False)
    return squared.sqrt(), rows
