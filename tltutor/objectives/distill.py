"""Distillation (Hinton, Vinyals & Dean, 2015): a student learns from the labels and from all that a teacher deems likely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.objective import LAMBDA, Batch, Objective, same_width, task_loss
from tltutor.objectives.teacher import Teacher, student
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def distillation_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """T^2 KL(softmax(v / T) || softmax(z / T)) of teacher logits v and student logits z (n, k), mean over the n examples.

    Hinton et al., 2015, section 2: T^2 makes up for gradients that shrink as 1 / T^2, so that T may change alone.
    """
    if temperature <= 0:
        raise ValueError(f"a temperature must be above 0, got {temperature}: 1 leaves the probabilities as they are")
    same_width(student_logits, teacher_logits)
    log_p = F.log_softmax(teacher_logits / temperature, dim=1)
    log_q = F.log_softmax(student_logits / temperature, dim=1)
    return temperature**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


class Distillation(Objective):
    """loss = (1 - a) CE(source labels) + a T^2 KL(teacher || student), the latter on source and unlabeled target.

    a is the session's lambda. `teacher`: a trained Network, of any size; it is copied and never moves. A teacher of the
    student's own kind and a student drawn anew make a born-again network (Furlanello et al., 2018; there T = 1).
    Without a teacher the start is its own: a pull back to where the run began.
    """

    name = "distillation"
    title = "Distillation (learn what a teacher deems likely)"
    weight: ClassVar[Setting] = replace(
        LAMBDA, default=0.9, high=1.0, scale="linear", symbol="a", text="Share of the teacher in the loss; 0 is source-only."
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("temperature", 4.0, 0.5, 100.0, "log", symbol="T", text="How soft the teacher's probabilities are made."),
    )
    temperature: float

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher.meet(network)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        soft = distillation_loss(student(batch).z, self.teacher.see(batch).z, self.temperature)
        return {"task": (1 - batch.weight) * task_loss(batch), "teacher": batch.weight * soft}
