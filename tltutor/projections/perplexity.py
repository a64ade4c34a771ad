"""Affinities of t-SNE (van der Maaten & Hinton, 2008): a Gaussian around each point, as wide as `perplexity` neighbors need."""

from __future__ import annotations

import math
from types import ModuleType

import torch
from torch import Tensor

from tltutor.projections.distances import plus_transposed


def conditional_probabilities(
    d2: Tensor, perplexity: float, loops: ModuleType | None = None
) -> Tensor:
    """Return p_{j|i} = exp(-beta_i d_ij^2) / sum_k exp(-beta_i d_ik^2), p_{i|i} = 0 (eq. 1): (n, n), each row sums to 1.

    d2 (n, n): squared distances, in any unit. beta_i is searched for all rows at once, so that the row's entropy is
    log(perplexity): Newton's steps on log beta, at most 2 long, and bisection where they would leave the bracket. A
    perplexity beyond a third of the n - 1 other points is lowered to that third.
    """
    n = len(d2)
    wanted = math.log(min(perplexity, max((n - 1) / 3, 1.5)))
    d2 = d2.clone().fill_diagonal_(torch.inf)
    d2 -= d2.amin(1, keepdim=True)
    d2.fill_diagonal_(0)
    d2 /= (d2.sum(1, keepdim=True) / (n - 1)).clamp_min_(
        torch.finfo(d2.dtype).tiny
    )  # in units of the row's mean
    low, high = (
        torch.full_like(d2[:, :1], -14.0),
        torch.full_like(d2[:, :1], 28.0),
    )  # bracket of log beta
    guess = torch.zeros_like(low)
    for _ in range(16):
        entropy, slope = _entropy(d2, guess.exp(), loops)
        if (entropy - wanted).abs().amax() < 1e-5:
            break
        low, high = (
            torch.where(entropy > wanted, guess, low),
            torch.where(entropy > wanted, high, guess),
        )
        step = ((wanted - entropy) / slope).clamp_(-2, 2)
        inside = (guess + step > low) & (guess + step < high) | (step.abs() < 1e-3)
        guess = torch.where(inside, guess + step, (low + high) / 2)
    return torch.softmax((d2 * -guess.exp()).fill_diagonal_(-torch.inf), 1)


def _entropy(d2: Tensor, beta: Tensor, loops: ModuleType | None) -> tuple[Tensor, Tensor]:
    """Return each row's entropy (n, 1) without the point itself, and its derivative by log beta, -beta^2 var(d^2)."""
    total, mean, square = moments(d2, beta, loops)
    return total.log() + beta * mean, -beta.square() * (square - mean.square())


def moments(d2: Tensor, beta: Tensor, loops: ModuleType | None = None) -> tuple[Tensor, ...]:
    """Return sum w, and the mean and mean square of d2 under the weights w = exp(-beta d2) of each row's others: (n, 1) each.

    d2 (n, n) with 0 on its diagonal, beta (n, 1).
    """
    if loops is not None:
        return tuple(loops.moments(d2, beta[:, 0])[:, :, None].unbind())
    w = (d2 * -beta).exp_().fill_diagonal_(0)
    total = w.sum(1, keepdim=True)
    mean = w.mul_(d2).sum(1, keepdim=True) / total
    return total, mean, w.mul_(d2).sum(1, keepdim=True) / total


def joint_probabilities(d2: Tensor, perplexity: float, loops: ModuleType | None = None) -> Tensor:
    """Return p_ij = (p_{j|i} + p_{i|j}) / 2n: (n, n), symmetric, zero on the diagonal, sums to 1 (section 3.1 of the paper)."""
    p = conditional_probabilities(d2, perplexity, loops)
    return plus_transposed(p).div_(2 * len(p))
