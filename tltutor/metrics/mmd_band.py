"""MMD^2 of two samples with its permutation band: the values that chance alone gives when both come from one distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tltutor.metrics.rows import pooled
from tltutor.objectives.kernels import check_widths, gaussian_kernel, squared_distances
from tltutor.objectives.mmd import mmd2_of_kernel
from tltutor.projections.checks import Array

BAND = (0.025, 0.975)  # quantiles of the null
CLOSE = 1e-6  # rounding of float32, of numbers that are at most 2


def mmd2_permutation_band(
    xs: Array,
    xt: Array,
    widths: Sequence[float] | None = None,
    *,
    permutations: int = 100,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Return (MMD^2, low, high): the unbiased MMD^2 of xs (n_s, d) and xt (n_t, d), and its middle 95 % under relabeling.

    A value inside the band shows no difference between the domains (permutation test; Gretton et al., 2012, eq. 3).
    widths: sigma of the Gaussian kernels, in the units of the data; by default the median of the pooled distances that are
    not 0. Raises ValueError for widths that are not above 0 and for a domain with fewer than 2 rows.
    """
    value, low, high, _ = mmd2_permutation_test(
        xs, xt, widths, permutations=permutations, seed=seed
    )
    return value, low, high


class Tested(NamedTuple):
    """A distance, the middle 95 % of its values under relabeling, and p: the share of all that are as large, its own too."""

    value: float
    low: float
    high: float
    p: float


def mmd2_permutation_test(
    xs: Array,
    xt: Array,
    widths: Sequence[float] | None = None,
    *,
    permutations: int = 100,
    seed: int = 0,
) -> Tested:
    """Return what `mmd2_permutation_band` does, and p = (1 + relabelings with a value as large) / (1 + permutations).

    No p is below 1 / (1 + permutations): the true labeling is one of all (Phipson & Smyth, 2010).
    """
    check_permutations(permutations)
    x, n_s = pooled(xs, xt)
    if min(n_s, len(x) - n_s) < 2:
        raise ValueError(
            f"MMD^2 needs at least 2 rows of each domain, got {n_s} and {len(x) - n_s}: pass more rows"
        )
    d2 = squared_distances(x)
    widths = [_median_of_positive(d2)] if widths is None else widths
    check_widths(widths)
    k = gaussian_kernel(d2, widths)
    value = mmd2_of_kernel(k, n_s)
    null = _relabeled(k, n_s, permutations, seed)
    low, high = torch.quantile(null, torch.tensor(BAND, device=k.device))
    return Tested(float(value), float(low), float(high), permutation_p(float(value), null))


def permutation_p(value: float, null: Tensor) -> float:
    """Return (1 + values of the null (permutations,) that are at least `value`) / (1 + permutations); CLOSE ones are ties."""
    return (1 + int((null >= value - CLOSE).sum())) / (1 + len(null))


def check_permutations(permutations: int) -> None:
    """Raise ValueError unless there is at least one permutation, without which there is no band."""
    if permutations < 1:
        raise ValueError(
            f"permutations must be at least 1, got {permutations}: about 100 give a usable band"
        )


def _median_of_positive(d2: Tensor) -> float:
    """Return the median distance between rows that differ; 1 if none do, where every width gives MMD^2 = 0."""
    positive = d2[d2 > 1e-5 * d2.max()]  # what is left of equal rows in float32 is below that
    return float(positive.median().sqrt()) if len(positive) else 1.0


def _relabeled(k: Tensor, n_s: int, permutations: int, seed: int) -> Tensor:
    """Return MMD^2 for random choices of n_s rows as source: (permutations,), all from one product with the kernel k (n, n)."""
    n = len(k)
    order = torch.rand(permutations, n, generator=torch.Generator().manual_seed(seed)).argsort(1)
    z = (order < n_s).to(k)  # (permutations, n): 1 where a row is called source
    k = k - torch.diag(k.diagonal())
    ss = ((z @ k) * z).sum(1)
    st = z @ k.sum(1) - ss
    tt = k.sum() - ss - 2 * st
    n_t = n - n_s
    return ss / (n_s * (n_s - 1)) + tt / (n_t * (n_t - 1)) - 2 * st / (n_s * n_t)
