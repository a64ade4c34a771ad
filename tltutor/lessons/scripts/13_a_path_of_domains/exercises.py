"""Lesson 13's exercises: the confidence below which answers are left out, and gradual self-training as an objective."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.gradual import GradualSelfTraining, confidence_floor
from tltutor.objectives.objective import Batch
from tltutor.objectives.pseudo_labels import confident_predictions, pseudo_label_loss


def logits(seed: int, n: int, k: int) -> Tensor:
    return 2 * torch.randn(n, k, generator=torch.Generator().manual_seed(seed))


class OwnAnswers(GradualSelfTraining):
    """Takes the labels from the network as it is now."""

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        terms = super().forward(batch)
        if "self-training" in terms:
            y, _ = confident_predictions(batch.zt, 0.0)
            _, kept = confident_predictions(self.teacher(batch.xt, "target").z, self.floor)
            terms = {"self-training": batch.weight * pseudo_label_loss(batch.zt, y, kept)}
        return terms


class AllAnswers(GradualSelfTraining):
    """Leaves no answer out."""

    def begin(self, part: int, network: object) -> None:
        super().begin(part, network)  # type: ignore[arg-type]
        self.floor = 0.0


EXERCISES = {
    "floor": Exercise(
        oracle=confidence_floor,
        cases=[(logits(0, 40, 3), 0.1), (logits(1, 25, 2), 0.3)],
        mistakes={"kept": lambda z, dropped: confidence_floor(z, 1 - dropped)},
    ),
    "MyWalk": Played(
        board="mine",
        mistakes={"own-answers": OwnAnswers, "all-answers": AllAnswers},
        steps=130,
        seconds=60.0,
    ),
}
