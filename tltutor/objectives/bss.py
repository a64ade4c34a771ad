"""BSS (Chen et al., 2019): fine-tune, and shrink the smallest singular values of the features, which transfer badly."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_batch, labeled_loss
from tltutor.settings import Setting


def spectral_shrinkage(f: Tensor, k: int = 1) -> Tensor:
    """Return the sum of the k smallest squared singular values of features f (n, d), of all if there are fewer.

    Chen et al., 2019, section 4. The result is nan if a feature is not finite.
    """
    check_features(f=f)
    if not f.isfinite().all():
        return f.new_full((), torch.nan)
    smallest: Tensor = torch.linalg.svdvals(f)[-k:]
    return smallest.square().sum()


class BSS(Objective):
    """loss = CE(labeled target) + eta * spectral_shrinkage(labeled features, k).

    eta is the session's lambda: .001 in the paper, with k = 1. Pass a trained network.
    """

    name = "bss"
    title = "BSS (shrink the weakest directions of the features)"
    terms = ("task", "shrinkage")
    family = "fine-tuning"
    year = 2019
    weight: ClassVar[Setting] = replace(
        LAMBDA, default=0.001, symbol="η", text="How strongly the weakest directions shrink."
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        LABELS,
        Setting(
            "smallest",
            1,
            1,
            64,
            "int",
            symbol="k",
            text="How many of the smallest singular values are shrunk.",
        ),
    )
    batches: ClassVar[frozenset[str]] = frozenset({"labeled"})
    smallest: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        shrinkage = spectral_shrinkage(labeled_batch(batch).f, self.smallest)
        return {"task": labeled_loss(batch), "shrinkage": batch.weight * shrinkage}
