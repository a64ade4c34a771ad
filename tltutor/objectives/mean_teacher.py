"""Self-distillation by a mean teacher (Tarvainen & Valpola, 2017; for adaptation French et al., 2018): learn from one's own past."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def follow(teacher: Network, student: Network, memory: float) -> None:
    """Teacher weights <- memory * teacher + (1 - memory) * student (Tarvainen & Valpola, 2017, section 2); buffers are copied."""
    with torch.no_grad():
        for mine, its in zip(teacher.parameters(), student.parameters(), strict=True):
            mine.lerp_(its, 1 - memory)
        for kept, seen in zip(teacher.buffers(), student.buffers(), strict=True):
            kept.copy_(seen)


def consistency(z_s: Tensor, z_t: Tensor, confidence: float) -> Tensor:
    """Mean squared difference of the probabilities of logits z_s, z_t (n, k), where the teacher is sure (French et al., 2018).

    Examples whose largest teacher probability is below `confidence` count as 0.
    """
    p_s, p_t = z_s.softmax(1), z_t.softmax(1)
    sure = (p_t.amax(1) >= confidence).to(p_s.dtype)
    return ((p_s - p_t).square().mean(1) * sure).mean()


def noisy(x: Tensor, noise: float) -> Tensor:
    """The inputs as floats (images in 0..1) with Gaussian noise of this standard deviation; images stay within 0..1."""
    x = x.float() / 255 if x.dtype == torch.uint8 else x.float()
    x = x + noise * torch.randn_like(x)
    return x.clamp(0, 1) if x.ndim == 4 else x


class MeanTeacher(Objective):
    """loss = task + lambda * consistency(student on the target, teacher on the same with noise).

    The teacher is the running mean of the student's weights; it follows before each step and gets no gradient. lambda
    ramps up as exp(-5 (1 - p / .2)^2) over the first fifth of the run (Tarvainen & Valpola, 2017, appendix B).
    """

    name = "mean-teacher"
    title = "Self-distillation by a mean teacher"
    weight: ClassVar[Setting] = replace(LAMBDA, default=3.0, high=100.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("memory", 0.99, 0.0, 0.9999, text="Share of the teacher's weights that stays at each step."),
        Setting("confidence", 0.968, 0.0, 1.0, text="How sure the teacher must be of an example for it to count."),
        Setting("noise", 0.1, 0.0, 1.0, text="Standard deviation of the noise on the teacher's inputs."),
    )
    memory: float
    confidence: float
    noise: float

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher = Teacher(network)

    def schedule(self, progress: float) -> float:
        return math.exp(-5 * (1 - min(progress / 0.2, 1.0)) ** 2)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        follow(self.teacher.met(), batch.network, self.memory)
        z_t = self.teacher(noisy(batch.xt, self.noise), "target").z
        return {"task": task_loss(batch), "consistency": batch.weight * consistency(batch.zt, z_t, self.confidence)}
