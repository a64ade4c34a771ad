"""Attention transfer (Zagoruyko & Komodakis, 2017): the student looks where the teacher looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.teacher import Seen, Teacher, student
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def attention_map(a: Tensor) -> Tensor:
    """Sum over the channels of a^2, flattened, of length 1: (n, c, h, w) -> (n, h w) (Zagoruyko & Komodakis, 2017, section 3.1)."""
    return F.normalize(a.square().sum(1).flatten(1), dim=1)


def attention_loss(a_s: Tensor, a_t: Tensor) -> Tensor:
    """Mean over examples and places of (Q_s - Q_t)^2 of a student's and a teacher's stage (n, c, h, w), each with its own c.

    As in the authors' code; eq. 2 has the norm itself, which has no gradient where the maps agree. Where the sides differ
    the teacher's attention is resized.
    """
    q_t = a_t.square().sum(1, keepdim=True)
    if a_s.shape[2:] != a_t.shape[2:]:
        q_t = F.interpolate(q_t, size=a_s.shape[2:], mode="bilinear", align_corners=False)
    return (attention_map(a_s) - F.normalize(q_t.flatten(1), dim=1)).square().mean()


class AttentionTransfer(Objective):
    """loss = task + beta * sum over stages of (attention of student - attention of teacher)^2, on source and target.

    beta is the session's lambda: 100. The paper has 1000, for maps of 8 x 8 places and more; of lenet's last, 2 x 2, a mean weighs
    each place 16 times as much, and the source's own loss on digits->photo-digits ends at .05 to .19 (.03 at 100, .02 without).
    Stages with maps are paired from the last one backwards.
    `teacher`: a trained Network, copied; without one the start is its own teacher.
    """

    name = "attention"
    title = "Attention transfer (look where a teacher looks)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=100_000.0, symbol="β")

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        x = torch.tensor(pair.source.x[:1], device=next(network.parameters()).device)
        for who, of in (("student", Teacher(network)), ("teacher", self.teacher.meet(network).to(x.device))):
            if not maps(of(x, "source")):
                raise ValueError(
                    f"attention transfer needs stages with maps (n, c, h, w), and the {who} {of.met().name} has none for examples"
                    f" of shape {pair.shape}: use 'fitnets' or 'rkd'"
                )

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        pairs = zip(maps(student(batch)), maps(self.teacher.see(batch)), strict=False)
        losses = [attention_loss(a_s, a_t) for a_s, a_t in pairs]
        return {"task": task_loss(batch), "attention": batch.weight * torch.stack(losses).sum()}


def maps(seen: Seen) -> list[Tensor]:
    """The outputs that are maps (n, c, h, w), the last stage's first."""
    return [a for a in reversed(list(seen.h.values())) if a.ndim == 4]
