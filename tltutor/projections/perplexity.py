"""Affinities of t-SNE (van der Maaten & Hinton, 2008): a Gaussian around each point, just wide enough for `perplexity` neighbours."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def conditional_probabilities(d2: Tensor, perplexity: float, halvings: int = 30) -> Tensor:
    """p_{j|i} = exp(-beta_i d_ij^2) / sum_k exp(-beta_i d_ik^2), p_{i|i} = 0 (eq. 1): (n, n), each row sums to 1.

    beta_i is found by bisection, for all rows at once, so that the row's entropy is log(perplexity). A perplexity beyond a
    third of the other points is lowered to that.
    """
    n = len(d2)
    wanted = math.log(min(perplexity, max((n - 1) / 3, 1.5)))
    mean = d2.sum(1, keepdim=True) / (n - 1)
    scaled = (d2 / mean.clamp_min(torch.finfo(d2.dtype).tiny)).fill_diagonal_(torch.inf)  # exp(-inf) = 0: no point is its own
    scaled -= scaled.amin(1, keepdim=True)
    finite = scaled.clone().fill_diagonal_(0)
    low, high = torch.full_like(mean, -14.0), torch.full_like(mean, 28.0)  # of log beta, in units of 1 / mean d^2
    for _ in range(halvings):
        middle = (low + high) / 2
        weights = (scaled * -middle.exp()).exp_()
        total = weights.sum(1, keepdim=True)
        entropy = total.log() + middle.exp() * (weights.mul_(finite)).sum(1, keepdim=True) / total
        low, high = torch.where(entropy > wanted, middle, low), torch.where(entropy > wanted, high, middle)
    return torch.softmax(scaled * -high.exp(), 1)


def joint_probabilities(d2: Tensor, perplexity: float) -> Tensor:
    """p_ij = (p_{j|i} + p_{i|j}) / 2n: (n, n), symmetric, zero on the diagonal, sums to 1."""
    p = conditional_probabilities(d2, perplexity)
    return (p + p.T) / (2 * len(p))
