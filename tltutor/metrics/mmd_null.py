"""MMD^2 of two samples with its null band: the values that chance alone gives when both come from one distribution."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tltutor.metrics.rows import Array, pooled
from tltutor.objectives.kernels import check_widths, gaussian_kernel, median_distance, squared_distances
from tltutor.objectives.mmd import mmd2_of_kernel

BAND = (0.025, 0.975)  # quantiles of the null


def mmd2_null_band(
    xs: Array, xt: Array, widths: Sequence[float] | None = None, *, permutations: int = 100, seed: int = 0
) -> tuple[float, float, float]:
    """(MMD^2, low, high): unbiased MMD^2 of xs (n_s, d) and xt (n_t, d), and the middle 95 % of it after relabelling at random.

    A value inside the band shows no difference of the domains (a permutation test; Gretton et al., 2012).
    widths: sigma in the data's units; by default the median of the pooled distances.
    """
    x, n_s = pooled(xs, xt)
    d2 = squared_distances(x)
    widths = [float(median_distance(d2))] if widths is None else widths
    check_widths(widths)
    k = gaussian_kernel(d2, widths)
    value = mmd2_of_kernel(k, n_s)
    low, high = torch.quantile(_relabelled(k, n_s, permutations, seed), torch.tensor(BAND, device=k.device))
    return float(value), float(low), float(high)


def _relabelled(k: Tensor, n_s: int, permutations: int, seed: int) -> Tensor:
    """MMD^2 for random choices of n_s rows as source: (permutations,), all of them from one product with the kernel."""
    n = len(k)
    order = torch.rand(permutations, n, generator=torch.Generator().manual_seed(seed)).argsort(1)
    z = (order < n_s).to(k)  # (permutations, n): 1 where a row is called source
    k = k - torch.diag(k.diagonal())
    ss = ((z @ k) * z).sum(1)
    st = z @ k.sum(1) - ss
    tt = k.sum() - ss - 2 * st
    n_t = n - n_s
    return ss / (n_s * (n_s - 1)) + tt / (n_t * (n_t - 1)) - 2 * st / (n_s * n_t)
