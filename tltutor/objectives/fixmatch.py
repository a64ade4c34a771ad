"""FixMatch (Sohn et al., 2020): confident predictions for weakly augmented target examples label strongly augmented ones."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.augmentation import strong, weak
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.pseudo_labels import THRESHOLD, confident_predictions, pseudo_label_loss
from tltutor.settings import Setting


class FixMatch(Objective):
    """loss = task + lambda * (1/n_t) sum over confident i of CE(z(strong(xt_i)), argmax z(weak(xt_i))).

    Sohn et al., 2020, eq. 4, with the paper's threshold .95 and lambda 1. The paper has 7 unlabeled examples per
    labeled one, here it is 1, and the source is not augmented. Confident mistakes are reinforced: on
    blobs->rotated-blobs its predictions change less under augmentation than source-only's, and are less accurate.
    """

    name = "fixmatch"
    title = "FixMatch (one prediction for weak and strong augmentations)"
    terms = ("task", "consistency")
    family = "predictions"
    year = 2020
    acts_on = "predictions"
    settings: ClassVar[tuple[Setting, ...]] = (
        THRESHOLD,
        Setting(
            "strength",
            0.5,
            0.0,
            1.0,
            "linear",
            text="Strength of the strong augmentation; 0 leaves examples as they are.",
        ),
    )
    threshold: float
    strength: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        both = torch.cat([weak(batch.xt), strong(batch.xt, self.strength)])
        _, z = batch.network(
            both
        )  # the network's last input was the target: BatchNorm uses the target's statistics
        z_weak, z_strong = z.split(len(batch.xt))
        y, confident = confident_predictions(z_weak, self.threshold)
        return {
            "task": task_loss(batch),
            "consistency": batch.weight * pseudo_label_loss(z_strong, y, confident),
        }
