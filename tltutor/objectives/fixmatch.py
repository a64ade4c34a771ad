"""FixMatch (Sohn et al., 2020): the sure answer to a slightly changed target example is taught to a heavily changed one."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.augmentation import strong, weak
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.pseudo_labels import THRESHOLD, pseudo_label_loss, sure_answers
from tltutor.settings import Setting


class FixMatch(Objective):
    """loss = task + lambda * (1/n_t) sum over the sure of CE(z(strong(xt)), argmax z(weak(xt))) (Sohn et al., 2020, eq. 4).

    The paper's threshold .95 and lambda 1; its 7 unlabeled examples a labeled one are 1 here, and the source is not augmented.
    What is sure and wrong is taught on: on blobs->rotated-blobs its answers are swayed less than source-only's, and right less
    often.
    """

    name = "fixmatch"
    title = "FixMatch (one answer to weak and strong changes)"
    settings: ClassVar[tuple[Setting, ...]] = (
        THRESHOLD,
        Setting("strength", 0.5, 0.0, 1.0, "linear", text="How far the strong changes go; 0 leaves examples as they are."),
    )
    threshold: float
    strength: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        both = torch.cat([weak(batch.xt), strong(batch.xt, self.strength)])
        _, z = batch.network(both)  # the network was last on the target: its BatchNorm takes the target's statistics
        z_weak, z_strong = z.split(len(batch.xt))
        y, sure = sure_answers(z_weak, self.threshold)
        return {"task": task_loss(batch), "consistency": batch.weight * pseudo_label_loss(z_strong, y, sure)}
