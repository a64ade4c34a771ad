"""Relational knowledge distillation (Park et al., 2019): keep the teacher's distances and angles between examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

MOST = 32  # examples of each domain whose relations count, 64 together: angles are a number for each three


def distances(f: Tensor) -> Tensor:
    """Distance of each two of the rows f (n, d), in units of their mean: (n (n - 1) / 2,) (Park et al., 2019, section 3.2.1)."""
    d = F.pdist(f)
    mean = d.mean()
    return d / torch.where(mean > 0, mean, torch.ones_like(mean))


def angles(f: Tensor) -> Tensor:
    """Cosine of the angle at j between i and k, for each three different rows of f (n, d): flat (Park et al., 2019, section 3.2.2)."""
    if len(f) < 3:
        raise ValueError(f"an angle needs at least 3 examples, got {len(f)}: take a larger batch")
    e = f[None, :, :] - f[:, None, :]  # (j, i, d)
    length = e.norm(dim=2, keepdim=True)
    e = e / torch.where(length > 0, length, torch.ones_like(length))  # equal rows: no direction, no gradient that explodes
    n = torch.arange(len(f), device=f.device)
    j, i, k = n[:, None, None], n[None, :, None], n[None, None, :]
    return (e @ e.transpose(1, 2))[(i != j) & (k != j) & (i < k)]


def distance_loss(f_s: Tensor, f_t: Tensor) -> Tensor:
    """Huber loss between the distances of a student's features (n, d_s) and a teacher's (n, d_t), mean over pairs."""
    return F.smooth_l1_loss(distances(f_s), distances(f_t))


def angle_loss(f_s: Tensor, f_t: Tensor) -> Tensor:
    """Huber loss between the angles of a student's features (n, d_s) and a teacher's (n, d_t), mean over triples."""
    return F.smooth_l1_loss(angles(f_s), angles(f_t))


class RKD(Objective):
    """loss = task + lambda * (l_D * distance loss + l_A * angle loss) between examples of source and target together.

    `teacher`: a trained Network with features of any width, copied; without one the start is its own teacher.
    """

    name = "rkd"
    title = "RKD (keep a teacher's distances and angles)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("distance", 25.0, 0.0, 1000.0, "log", symbol="l_D", text="How much distances count; 25 in the paper."),
        Setting("angle", 50.0, 0.0, 1000.0, "log", symbol="l_A", text="How much angles count; 50 in the paper."),
    )
    distance: float
    angle: float

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher.meet(network)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f_t = torch.cat([self.teacher(batch.xs[:MOST], "source").f, self.teacher(batch.xt[:MOST], "target").f])
        f_s = torch.cat([batch.fs[:MOST], batch.ft[:MOST]])
        relations = {"distances": self.distance * distance_loss(f_s, f_t), "angles": self.angle * angle_loss(f_s, f_t)}
        return {"task": task_loss(batch)} | {name: batch.weight * loss for name, loss in relations.items()}
