"""Kernels between examples: distances, their median as the unit of a width, and Gaussian kernels of several widths."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def squared_distances(x: Tensor) -> Tensor:
    """d^2 between all rows of x (n, d): (n, n), never below 0, zero on the diagonal."""
    x = x - x.mean(0)  # distances stay, rounding errors shrink
    squares = x.square().sum(1)
    d2 = torch.addmm(squares[:, None] + squares, x, x.T, alpha=-2)  # |a|^2 + |b|^2 - 2 ab
    return d2.clamp_min(0).fill_diagonal_(0)


def median_distance(d2: Tensor) -> Tensor:
    """Median of the off-diagonal distances of (n, n) squared distances: the natural unit of a width; detached, never 0."""
    n = len(d2)
    above = d2.detach()[torch.triu_indices(n, n, 1, device=d2.device).unbind()]
    median = above.median().sqrt()
    return torch.where(median > 0, median, torch.ones_like(median))


def check_widths(widths: Sequence[float | Tensor] | Tensor) -> None:
    """A ValueError unless there are widths and all are above 0."""
    told = [float(sigma) for sigma in widths]
    if not told or not all(sigma > 0 for sigma in told):
        raise ValueError(f"a kernel's widths must be above 0, got {told}: take shares of `median_distance`")


def gaussian_kernel(d2: Tensor, widths: Sequence[float | Tensor] | Tensor) -> Tensor:
    """Mean over the widths sigma, all above 0, of exp(-d^2 / (2 sigma^2)); tensors are not asked, which would hold a GPU up."""
    if not any(isinstance(sigma, Tensor) for sigma in widths):
        check_widths(widths)
    kernels = [torch.exp(-d2 / (2 * sigma**2)) for sigma in widths]
    return torch.stack(kernels).mean(0) if len(kernels) > 1 else kernels[0]


def kernel_of_widths(x: Tensor, count: int) -> Tensor:
    """Mean of `count` Gaussian kernels between the rows of x (n, d): (n, n).

    sigma squared doubles from one to the next, as in the code of Long et al., 2015; the middle sigma is the median distance.
    """
    d2 = squared_distances(x)
    widest = median_distance(d2) ** 2 * 2 ** ((count - 1) / 2)
    kernels = [torch.exp(-d2 / (2 * widest))]
    for _ in range(count - 1):
        kernels.append(kernels[-1].square())  # half of sigma squared is the square of the kernel: one exp for all
    return torch.stack(kernels).mean(0)
