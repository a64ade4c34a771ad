"""Distillation (Hinton, Vinyals & Dean, 2015): a student learns the labels and the probabilities of a teacher."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher, student_outputs
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def distillation_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """Return T^2 KL(softmax(v / T) || softmax(z / T)), the mean over the examples.

    z: student logits (n, k); v: teacher logits (n, k); T: temperature, above 0. Hinton et al., 2015, section 2:
    gradients shrink as 1 / T^2, and T^2 makes up for that. Raises a TypeError or ValueError for other inputs.
    """
    if temperature <= 0:
        raise ValueError(
            f"a temperature must be above 0, got {temperature}: 1 leaves the probabilities as they are"
        )
    check_features(student_logits=student_logits, teacher_logits=teacher_logits)
    check_pairs(student_logits=student_logits, teacher_logits=teacher_logits)
    log_p = F.log_softmax(teacher_logits / temperature, dim=1)
    log_q = F.log_softmax(student_logits / temperature, dim=1)
    return temperature**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


class Distillation(Objective):
    """loss = (1 - a) CE(source labels) + a T^2 KL(teacher || student), the second on source and unlabeled target.

    a is the session's lambda. `teacher`: a trained Network of any size; it is copied and does not change. Without
    one the start is the teacher and pulls the student back to it. A teacher of the student's own kind makes a
    born-again network (Furlanello et al., 2018, with T = 1).
    """

    name = "distillation"
    title = "Distillation (learn what a teacher deems likely)"
    terms = ("task", "teacher")
    family = "distillation"
    year = 2015
    acts_on = "predictions"
    made_for = "a teacher"
    weight: ClassVar[Setting] = replace(
        LAMBDA,
        default=0.9,
        high=1.0,
        scale="linear",
        symbol="a",
        text="Share of the teacher in the loss; 0 is source-only.",
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "temperature",
            4.0,
            0.5,
            100.0,
            "log",
            symbol="T",
            text="Temperature that softens the teacher's probabilities.",
        ),
    )
    temperature: float

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher.setup(network)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        loss = distillation_loss(
            student_outputs(batch).z, self.teacher.outputs(batch).z, self.temperature
        )
        return {"task": (1 - batch.weight) * task_loss(batch), "teacher": batch.weight * loss}
