"""MMD (Gretton et al., 2012; in deep networks Long et al., 2015): the distance between two samples' mean embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor

from tltutor.objectives.kernels import check_widths, gaussian_kernel, median_distance, squared_distances
from tltutor.objectives.objective import Batch, Objective, same_width, task_loss
from tltutor.settings import Setting


def mmd2_of_kernel(k: Tensor, n_s: int, estimator: Literal["unbiased", "biased"] = "unbiased") -> Tensor:
    """MMD^2 from the pooled kernel matrix (n_s + n_t, n_s + n_t), source rows first (Gretton et al., 2012, eq. 3 and 5)."""
    n_t = len(k) - n_s
    if estimator not in {"unbiased", "biased"}:
        raise ValueError(f"estimator must be 'unbiased' or 'biased', got {estimator!r}")
    if estimator == "unbiased" and min(n_s, n_t) < 2:
        raise ValueError(
            f"the unbiased MMD needs at least 2 examples a side, got {n_s} and {n_t}: give more, or take a larger batch"
        )
    own = int(estimator == "unbiased")  # pairs of a point with itself are left out; the biased V keeps them and is never negative
    share = torch.full_like(k, -1 / (n_s * n_t))  # of each pair: two blocks within a domain, two between them
    share[:n_s, :n_s], share[n_s:, n_s:] = 1 / (n_s * (n_s - own)), 1 / (n_t * (n_t - own))
    return (k * (share.fill_diagonal_(0) if own else share)).sum()


def mmd2(xs: Tensor, xt: Tensor, widths: Sequence[float] | Tensor, estimator: Literal["unbiased", "biased"] = "unbiased") -> Tensor:
    """Squared MMD of xs (n_s, d) and xt (n_t, d); widths in the data's own units. Unbiased: 0 on average if both are alike."""
    same_width(xs, xt)
    check_widths(widths)
    return mmd2_of_kernel(gaussian_kernel(squared_distances(torch.cat([xs, xt])), widths), len(xs), estimator)


class MMD(Objective):
    """loss = task + lambda * MMD^2(fs, ft), kernels of three widths: half, once and twice `width` medians."""

    name = "mmd"
    title = "MMD (equal mean embeddings)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "width",
            1.0,
            0.05,
            20.0,
            "log",
            unit="medians",
            symbol="σ",
            text="Kernel width, in medians of the pooled distances.",
        ),
        Setting(
            "estimator",
            "unbiased",
            scale="choice",
            choices=("unbiased", "biased"),
            text="Unbiased is 0 on average for like domains.",
        ),
    )
    width: float
    estimator: Literal["unbiased", "biased"]

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        d2 = squared_distances(torch.cat([batch.fs, batch.ft]))
        sigma = self.width * median_distance(d2)
        k = gaussian_kernel(d2, [sigma / 2, sigma, 2 * sigma])
        return {"task": task_loss(batch), "mmd": batch.weight * mmd2_of_kernel(k, len(batch.fs), self.estimator)}
