"""Affinities of UMAP (McInnes, Healy & Melville, 2018): how strongly each point belongs to the neighborhood of each other."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from tltutor.projections.distances import nearest

SMALLEST_WIDTH = 1e-3  # of the mean distance


def memberships(distances: Tensor) -> Tensor:
    """Return exp(-max(0, d_ij - rho_i) / sigma_i) for the distances (n, k) to each point's neighbors: (n, k) in 0..1.

    rho_i is the distance to the nearest neighbor that is not a duplicate; sigma_i is found by bisection, for all rows at
    once, so that a row sums to log2(k + 1) (algorithm 3; k + 1, because the paper counts the point itself).
    """
    far = torch.where(distances > 0, distances, torch.inf).amin(1, keepdim=True)
    rho = torch.where(far.isfinite(), far, 0.0)
    beyond = (distances - rho).clamp_min_(0)
    mean = distances.mean(1, keepdim=True)
    smallest = SMALLEST_WIDTH * torch.where(rho > 0, mean, distances.mean())
    unit = beyond.mean(1, keepdim=True).clamp_min(torch.finfo(distances.dtype).tiny)
    low, high = (
        torch.full_like(unit, -14.0),
        torch.full_like(unit, 14.0),
    )  # of log sigma, in units of the mean
    wanted = math.log2(distances.shape[1] + 1)
    for _ in range(24):
        middle = (low + high) / 2
        narrow = (beyond / -(unit * middle.exp())).exp_().sum(1, keepdim=True) < wanted
        low, high = torch.where(narrow, middle, low), torch.where(narrow, high, middle)
    sigma = torch.maximum(unit * high.exp(), smallest)
    return torch.where(beyond > 0, torch.exp(-beyond / sigma), 1.0)


def fuzzy_simplicial_set(d2: Tensor, n_neighbors: int) -> Tensor:
    """Return v_ij = v_{j|i} + v_{i|j} - v_{j|i} v_{i|j}, the fuzzy union of both memberships: (n, n), symmetric, zero diagonal.

    d2 (n, n): squared distances. `n_neighbors` counts the point itself, as in umap-learn; more than n are lowered to n
    (algorithms 1 and 2 of the paper, with exact neighbors).
    """
    distances, rows = nearest(d2, min(n_neighbors, len(d2)) - 1)
    mine = memberships(distances)
    v = torch.zeros_like(d2).scatter_(1, rows, mine)
    theirs = v[rows, torch.arange(len(d2), device=d2.device)[:, None]]  # v_{i|j}
    union = mine + theirs - mine * theirs
    v.scatter_(1, rows, union).T.scatter_(1, rows, union)
    return v


@lru_cache
def find_ab_params(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """Return (a, b) for which 1 / (1 + a d^(2b)) comes nearest to 1 up to min_dist and to exp(-(d - min_dist) / spread) beyond.

    Least squares over 300 distances in 0..3 spread, as in umap-learn, by damped Gauss-Newton steps (Levenberg, 1944).
    """
    d = np.linspace(0, 3 * spread, 300)[1:]
    wanted = np.where(d < min_dist, 1.0, np.exp(-(d - min_dist) / spread))
    ab, damping = np.array([1.0, 1.0]), 1e-2

    def gaps(ab: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = 1 / (1 + ab[0] * d ** (2 * ab[1]))
        return drawn - wanted

    for _ in range(200):
        power = d ** (2 * ab[1])
        slope = -1 / (1 + ab[0] * power) ** 2
        jacobian = np.stack([slope * power, slope * ab[0] * power * 2 * np.log(d)], 1)
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -jacobian.T @ gaps(ab))
        better = (ab + step > 0).all() and np.square(gaps(ab + step)).sum() <= np.square(
            gaps(ab)
        ).sum()
        ab, damping = (ab + step, damping / 3) if better else (ab, damping * 3)
    return float(ab[0]), float(ab[1])
