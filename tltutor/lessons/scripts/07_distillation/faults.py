"""Labels times the teacher's probabilities as the student's target: all that the teacher says of other classes is deleted."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.distill import Distillation, distillation_loss
from tltutor.objectives.objective import Batch, task_loss
from tltutor.objectives.teacher import student_outputs
from tltutor.settings import Setting


class LabelTimesTeacher(Distillation):
    """The second term of logits z (n, k), teacher's logits v (n, k) and labels y (n,), the teacher's own where there are none."""

    settings: ClassVar[tuple[Setting, ...]] = (*Distillation.settings, MISTAKE)
    mistake: bool

    def broken(self, z: Tensor, v: Tensor, y: Tensor) -> Tensor:
        p_soft = F.softmax(v / self.temperature, dim=1)
        q = F.one_hot(y, z.shape[1]) * p_soft
        log_student = F.log_softmax(z / self.temperature, dim=1)
        return -(self.temperature**2) * (q * log_student).sum(1).mean()

    def right(self, z: Tensor, v: Tensor, y: Tensor) -> Tensor:
        return distillation_loss(z, v, self.temperature)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        z, v = student_outputs(batch).z, self.teacher.outputs(batch).z
        y = v.argmax(1)
        y[: len(batch.ys)] = batch.ys
        loss = (self.broken if self.mistake else self.right)(z, v, y)
        return {"task": (1 - batch.weight) * task_loss(batch), "teacher": batch.weight * loss}


FAULTS = {"label-times-teacher": LabelTimesTeacher}
