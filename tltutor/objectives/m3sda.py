"""M3SDA's moment matching (Peng et al., 2019): several sources and one target get equal first and second moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def moment_distance(sources: Sequence[Tensor], ft: Tensor) -> Tensor:
    """Return MD^2 over the moments k = 1, 2 of N sources' features (n_i, d) and the target's ft (n_t, d).

    sum_k [mean over i of ||E(f_i^k) - E(ft^k)|| + mean over pairs i < j of ||E(f_i^k) - E(f_j^k)||]
    (Peng et al., 2019, eq. 1). One source has no pairs. Raises a TypeError or ValueError for other inputs.
    """
    check_features(**{f"sources[{i}]": f for i, f in enumerate(sources)}, ft=ft)
    total = ft.new_zeros(())
    for k in (1, 2):
        target = (ft**k).mean(0)
        moments = [(f**k).mean(0) for f in sources]
        total = total + torch.stack([(m - target).norm() for m in moments]).mean()
        if len(moments) > 1:
            total = (
                total + torch.stack([(a - b).norm() for a, b in combinations(moments, 2)]).mean()
            )
    return total


class M3SDA(Objective):
    """loss = task on all sources + lambda * MD^2(sources, target).

    The source is `Domain.joined(a, b, ...)`. A source without an example in a batch is left out of that step. This
    is moment matching alone: the paper also trains a classifier per source and weighs their predictions. lambda is
    .1, since at 1 the features of blobs->rotated-blobs collapse, as the source's accuracy shows; the authors' code
    has .0005 and adds up five moments.
    """

    name = "m3sda"
    title = "M3SDA (several sources, equal moments)"
    terms = ("task", "moments")
    family = "several"
    year = 2019
    made_for = "several sources"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        sources = [batch.fs[batch.domain_id == i] for i in batch.domain_id.unique()]
        return {
            "task": task_loss(batch),
            "moments": batch.weight * moment_distance(sources, batch.ft),
        }
