"""Mean teacher (Tarvainen & Valpola, 2017; for adaptation French et al., 2018): learn from the mean of one's own weights."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.augmentation import scaled
from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.objectives.tokens import are_tokens, hide
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def update_teacher(teacher: Network, student: Network, memory: float) -> None:
    """Set the teacher's weights to memory * teacher + (1 - memory) * student, and copy the student's buffers.

    Tarvainen & Valpola, 2017, section 2.
    """
    with torch.no_grad():
        for mean, weight in zip(teacher.parameters(), student.parameters(), strict=True):
            mean.lerp_(weight, 1 - memory)
        for copied, buffer in zip(teacher.buffers(), student.buffers(), strict=True):
            copied.copy_(buffer)


def consistency(z_s: Tensor, z_t: Tensor, confidence: float) -> Tensor:
    """Return the mean squared difference of the probabilities of student logits z_s and teacher logits z_t (n, k).

    Examples whose largest teacher probability is below `confidence` count as 0. French et al., 2018.
    """
    check_features(z_s=z_s, z_t=z_t)
    check_pairs(z_s=z_s, z_t=z_t)
    p_s, p_t = z_s.softmax(1), z_t.softmax(1)
    confident = (p_t.amax(1) >= confidence).to(p_s.dtype)
    return ((p_s - p_t).square().mean(1) * confident).mean()


def add_noise(x: Tensor, noise: float) -> Tensor:
    """Return the inputs as floats with Gaussian noise of this standard deviation; images stay in 0..1.

    Texts of tokens (n, length) lose this share of their tokens.
    """
    if are_tokens(x):
        return hide(x, noise)
    x = scaled(x)
    x = x + noise * torch.randn_like(x)
    return x.clamp(0, 1) if x.ndim == 4 else x


class MeanTeacher(Objective):
    """loss = task + lambda * consistency(student on the target, teacher on the target with noise).

    The teacher is the running mean of the student's weights; it is updated before each step and gets no gradient.
    lambda ramps up as exp(-5 (1 - p / .2)^2) over the first fifth of the run (Tarvainen & Valpola, 2017, appendix B).
    """

    name = "mean-teacher"
    title = "Self-distillation by a mean teacher"
    terms = ("task", "consistency")
    family = "distillation"
    year = 2017
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(LAMBDA, default=3.0, high=100.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "memory", 0.99, 0.0, 0.9999, text="Share of the teacher's weights that each step keeps."
        ),
        Setting(
            "confidence",
            0.968,
            0.0,
            1.0,
            text="Examples count if the teacher's probability is at least this.",
        ),
        Setting(
            "noise", 0.1, 0.0, 1.0, text="Standard deviation of the noise on the teacher's inputs."
        ),
    )
    memory: float
    confidence: float
    noise: float

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher = Teacher(network)

    def schedule(self, progress: float) -> float:
        return math.exp(-5 * (1 - min(progress / 0.2, 1.0)) ** 2)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        update_teacher(self.teacher.require_network(), batch.network, self.memory)
        z_t = self.teacher(add_noise(batch.xt, self.noise), "target").z
        return {
            "task": task_loss(batch),
            "consistency": batch.weight * consistency(batch.zt, z_t, self.confidence),
        }
