"""MME (Saito et al., 2019): semi-supervised adaptation; the head maximizes the target's entropy, the features minimize it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.dann import reverse_gradient
from tltutor.objectives.entropy import entropy
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_batch
from tltutor.settings import Setting


class MME(Objective):
    """loss = CE(source and labeled target) - lambda * mean H(head(reverse_gradient(h))) of the unlabeled target.

    The head maximizes the entropy H, so that its class weights move toward the target. The features, behind the
    reversal, minimize it and gather around them (Saito et al., 2019, section 3). lambda is the paper's .1. The
    paper's head compares directions at temperature .05; here it is the network's linear one.
    """

    name = "mme"
    title = "MME (a few target labels, minimax entropy)"
    terms = ("task", "minus entropy")
    family = "several"
    branch = "predictions"
    year = 2019
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)
    settings: ClassVar[tuple[Setting, ...]] = (LABELS,)
    batches: ClassVar[frozenset[str]] = frozenset({"source", "target", "labeled"})

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        labeled = labeled_batch(batch)
        h = batch.ht[list(batch.ht)[-1]]  # the head's input
        z = batch.network.head(reverse_gradient(h, 1.0))
        z_labeled, y = torch.cat([batch.zs, labeled.z]), torch.cat([batch.ys, labeled.y])
        return {
            "task": batch.task.loss(z_labeled, y),
            "minus entropy": -batch.weight * entropy(z).mean(),
        }
