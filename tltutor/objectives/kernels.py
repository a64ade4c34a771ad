"""Kernels between examples: distances, their median as the unit of a width, and Gaussian kernels of several widths."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features


def squared_distances(x: Tensor) -> Tensor:
    """Return d^2 between all rows of x (n, d): (n, n), never below 0, exactly 0 on the diagonal.

    Rows that differ by less than rounding have distance 0.
    """
    check_features(x=x)
    x = x - x.mean(0)  # distances stay, rounding errors shrink
    squares = x.square().sum(1)
    sums = squares[:, None] + squares
    d2 = torch.addmm(sums, x, x.T, alpha=-2)  # |a|^2 + |b|^2 - 2 ab
    noise = sums.detach() * (4 * torch.finfo(x.dtype).eps)
    return torch.where(d2 > noise, d2, 0).fill_diagonal_(0)


def median_distance(d2: Tensor) -> Tensor:
    """Return the median of the off-diagonal distances, the natural unit of a width, detached.

    d2: squared distances (n, n). The result is 1 if the median is 0, or so small that its square could round to 0.
    """
    check_features(d2=d2)
    n = len(d2)
    above = d2.detach()[torch.triu_indices(n, n, 1, device=d2.device).unbind()]
    median = above.median().sqrt()
    least = 1e3 * torch.finfo(d2.dtype).tiny ** 0.5
    return torch.where(median > least, median, torch.ones_like(median))


def check_widths(widths: Sequence[float | Tensor] | Tensor) -> None:
    """Check that there are widths and that all are above 0. Raises a TypeError or a ValueError.

    It reads values: of tensors on a GPU, it waits for them.
    """
    _check_sequence(widths)
    values = [float(sigma) for sigma in widths]
    if not values or not all(sigma > 0 for sigma in values):
        raise ValueError(
            f"a kernel's widths must be above 0, got {values}: take shares of `median_distance`"
        )


def _check_sequence(widths: Sequence[float | Tensor] | Tensor) -> None:
    if isinstance(widths, int | float) or (isinstance(widths, Tensor) and widths.ndim == 0):
        raise TypeError(
            f"a kernel's widths must be a list of numbers, got {widths}: write [{float(widths):g}]"
        )


def gaussian_kernel(d2: Tensor, widths: Sequence[float | Tensor] | Tensor) -> Tensor:
    """Return the mean over the widths sigma of exp(-d^2 / (2 sigma^2)), of squared distances d2 (n, n).

    Raises a ValueError unless all widths are above 0; the values of tensors are not checked, to spare a GPU the wait.
    """
    check_features(d2=d2)
    _check_sequence(widths)
    if not any(isinstance(sigma, Tensor) for sigma in widths):
        check_widths(widths)
    kernels = [torch.exp(-d2 / (2 * sigma**2)) for sigma in widths]
    return torch.stack(kernels).mean(0) if len(kernels) > 1 else kernels[0]


def kernel_of_widths(x: Tensor, count: int) -> Tensor:
    """Return the mean of `count` Gaussian kernels between the rows of x (n, d): (n, n).

    sigma squared doubles from one kernel to the next, as in the code of Long et al., 2015. The middle sigma is the
    median distance.
    """
    d2 = squared_distances(x)
    widest = median_distance(d2) ** 2 * 2 ** ((count - 1) / 2)
    kernels = [torch.exp(-d2 / (2 * widest))]
    for _ in range(count - 1):
        kernels.append(
            kernels[-1].square()
        )  # halving sigma squared squares the kernel: one exp for all
    return torch.stack(kernels).mean(0)
