"""M3SDA's moment matching (Peng et al., 2019): several sources and one target come to the same first two moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Batch, Objective, same_width, task_loss
from tltutor.settings import Setting


def moment_distance(sources: Sequence[Tensor], ft: Tensor) -> Tensor:
    """MD^2 of N sources' features (n_i, d) and the target's (n_t, d), over the moments k = 1, 2 (Peng et al., 2019, eq. 1).

    sum_k [mean over i of ||E(f_i^k) - E(ft^k)|| + mean over pairs i < j of ||E(f_i^k) - E(f_j^k)||]; one source has no pairs.
    """
    same_width(*sources, ft)
    total = ft.new_zeros(())
    for k in (1, 2):
        moments, target = [(f**k).mean(0) for f in sources], (ft**k).mean(0)
        total = total + torch.stack([(m - target).norm() for m in moments]).mean()
        if len(moments) > 1:
            total = total + torch.stack([(a - b).norm() for a, b in combinations(moments, 2)]).mean()
    return total


class M3SDA(Objective):
    """loss = task on all sources + lambda * MD^2(sources, target).

    The source is `Domain.joined(a, b, ...)`; a source with no example in a batch is left out of that step. The moments
    alone: the paper also trains a classifier for each source and weighs their answers. lambda is .1 (.0005 in
    the authors' code, which adds up five moments): at 1 the features of blobs->rotated-blobs shrink to a point, which the source's
    accuracy shows.
    """

    name = "m3sda"
    title = "M3SDA (several sources, equal moments)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        sources = [batch.fs[batch.domain_id == i] for i in batch.domain_id.unique()]
        return {"task": task_loss(batch), "moments": batch.weight * moment_distance(sources, batch.ft)}
