"""MMD (Gretton et al., 2012; in deep networks Long et al., 2015): the distance between two samples' mean embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.kernels import (
    check_widths,
    gaussian_kernel,
    median_distance,
    squared_distances,
)
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

Estimator = Literal["unbiased", "biased"]


def mmd2_of_kernel(k: Tensor, n_s: int, estimator: Estimator = "unbiased") -> Tensor:
    """Return MMD^2 from the pooled kernel matrix k (n_s + n_t, n_s + n_t), source rows first.

    Gretton et al., 2012, eq. 3 (unbiased) and 5 (biased). The unbiased one needs at least 2 examples in each domain.
    """
    check_features(k=k)
    n_t = len(k) - n_s
    if estimator not in {"unbiased", "biased"}:
        raise ValueError(f"estimator must be 'unbiased' or 'biased', got {estimator!r}")
    if estimator == "unbiased" and min(n_s, n_t) < 2:
        raise ValueError(
            f"the unbiased MMD needs at least 2 examples a side, got {n_s} and {n_t}: give more, or take a larger batch"
        )
    own = (
        1 if estimator == "unbiased" else 0
    )  # the unbiased one leaves out the pairs of a point with itself
    share = torch.full_like(
        k, -1 / (n_s * n_t)
    )  # weight of a pair of source and target; it stands in two blocks
    share[:n_s, :n_s] = 1 / (n_s * (n_s - own))
    share[n_s:, n_s:] = 1 / (n_t * (n_t - own))
    return (k * (share.fill_diagonal_(0) if own else share)).sum()


def mmd2(
    xs: Tensor, xt: Tensor, widths: Sequence[float] | Tensor, estimator: Estimator = "unbiased"
) -> Tensor:
    """Return the squared MMD of xs (n_s, d) and xt (n_t, d) under Gaussian kernels.

    widths: in the units of the data, all above 0. The unbiased estimator is 0 on average for equal distributions,
    so that it may be negative. Raises a TypeError or ValueError for other inputs. Gretton et al., 2012.
    """
    check_features(xs=xs, xt=xt)
    check_widths(widths)
    return mmd2_of_kernel(
        gaussian_kernel(squared_distances(torch.cat([xs, xt])), widths), len(xs), estimator
    )


class MMD(Objective):
    """loss = task + lambda * MMD^2(fs, ft), with kernels of half, once and twice `width` medians."""

    name = "mmd"
    title = "MMD (equal mean embeddings)"
    terms = ("task", "mmd")
    family = "discrepancy"
    year = 2012
    takes_boxes = True
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
            text="Unbiased is 0 on average for equal domains.",
        ),
    )
    width: float
    estimator: Estimator

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        d2 = squared_distances(torch.cat([batch.fs, batch.ft]))
        sigma = self.width * median_distance(d2)
        k = gaussian_kernel(d2, [sigma / 2, sigma, 2 * sigma])
        return {
            "task": task_loss(batch),
            "mmd": batch.weight * mmd2_of_kernel(k, len(batch.fs), self.estimator),
        }
