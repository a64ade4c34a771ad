"""Attention transfer (Zagoruyko & Komodakis, 2017): the student looks where the teacher looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_maps, check_pairs
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.teacher import Outputs, Teacher, student_outputs
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def attention_map(a: Tensor) -> Tensor:
    """Return the sum over channels of a^2 as vectors of length 1: (n, c, h, w) -> (n, h w).

    Zagoruyko & Komodakis, 2017, section 3.1.
    """
    check_maps(a=a)
    return F.normalize(a.square().sum(1).flatten(1), dim=1)


def attention_loss(a_s: Tensor, a_t: Tensor) -> Tensor:
    """Return the mean of (Q_s - Q_t)^2 over examples and places, of a student's and a teacher's maps (n, c, h, w).

    Their numbers of channels may differ; if the sides differ, the teacher's attention is resized. This is the
    authors' code; the norm in the paper's eq. 2 has no gradient where the maps agree.
    """
    check_maps(a_s=a_s, a_t=a_t)
    check_pairs(a_s=a_s, a_t=a_t)
    q_t = a_t.square().sum(1, keepdim=True)
    if a_s.shape[2:] != a_t.shape[2:]:
        q_t = F.interpolate(q_t, size=a_s.shape[2:], mode="bilinear", align_corners=False)
    return (attention_map(a_s) - F.normalize(q_t.flatten(1), dim=1)).square().mean()


def feature_maps(outputs: Outputs) -> list[Tensor]:
    """Return the stages' outputs that are maps (n, c, h, w), the last stage first."""
    return [a for a in reversed(list(outputs.h.values())) if a.ndim == 4]


class AttentionTransfer(Objective):
    """loss = task + beta * sum over stages of (attention of student - attention of teacher)^2, on source and target.

    beta is the session's lambda, 100. The paper has 1000, for maps of 8 x 8 places and more. In lenet's last maps,
    2 x 2, a place weighs 16 times as much: at 1000 the source's own loss on digits->photo-digits stays higher.
    Stages with maps are paired from the last one backward. `teacher`: a trained Network, which is copied; without
    one the start is the teacher.
    """

    name = "attention"
    title = "Attention transfer (look where a teacher looks)"
    terms = ("task", "attention")
    family = "distillation"
    year = 2017
    acts_on = "stages"
    made_for = "a teacher"
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=100_000.0, symbol="β")

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1], device=next(network.parameters()).device)
        copies = {"student": Teacher(network), "teacher": self.teacher.setup(network).to(x.device)}
        for role, copy in copies.items():
            if not feature_maps(copy(x, "source")):
                raise ValueError(
                    f"attention transfer needs stages with maps (n, c, h, w), and the {role}"
                    f" {copy.require_network().name} has none for examples of shape {pair.shape}: use 'fitnets' or 'rkd'"
                )

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        pairs = zip(
            feature_maps(student_outputs(batch)),
            feature_maps(self.teacher.outputs(batch)),
            strict=False,
        )
        losses = torch.stack([attention_loss(a_s, a_t) for a_s, a_t in pairs])
        return {"task": task_loss(batch), "attention": batch.weight * losses.sum()}
