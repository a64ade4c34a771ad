"""MME (Saito et al., 2019): semi-supervised adaptation; head and features play for and against the target's entropy."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.dann import reverse_gradient
from tltutor.objectives.entropy import entropy
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_batch
from tltutor.settings import Setting


class MME(Objective):
    """loss = CE(source and labeled target) - lambda * mean H(head(reverse_gradient(h))) of the unlabeled target.

    The head makes the entropy H large, so that its classes move towards the target; the features, past the reversal, make
    it small and gather around them (Saito et al., 2019, section 3). The paper's head compares directions at temperature
    .05; here it is the network's linear one. lambda is .1 in the paper. Labeled target examples are drawn by seed.
    """

    name = "mme"
    title = "MME (a few target labels, minimax entropy)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)
    settings: ClassVar[tuple[Setting, ...]] = (LABELS,)
    batches: ClassVar[frozenset[str]] = frozenset({"source", "target", "labeled"})

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        few = labeled_batch(batch)
        h = list(batch.ht.values())[-1]  # what comes to the head
        z = batch.network.head(reverse_gradient(h, 1.0))
        task = F.cross_entropy(torch.cat([batch.zs, few.z]), torch.cat([batch.ys, few.y]))
        return {"task": task, "minus entropy": -batch.weight * entropy(z).mean()}
