"""Relational knowledge distillation (Park et al., 2019): keep the teacher's distances and angles between examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

MOST = (
    32  # examples of each domain that are compared, 64 together: there is an angle for each three
)


def distances(f: Tensor) -> Tensor:
    """Return the distances between all rows of f (n, d), in units of their mean: (n (n - 1) / 2,).

    Park et al., 2019, section 3.2.1. Raises a ValueError for n < 2.
    """
    check_features(f=f)
    if len(f) < 2:
        raise ValueError(f"a distance needs at least 2 examples, got {len(f)}: take a larger batch")
    d = F.pdist(f)
    mean = d.mean()
    return d / torch.where(mean > 0, mean, torch.ones_like(mean))


def angles(f: Tensor) -> Tensor:
    """Return the cosine of the angle at j between i and k, for all different rows i, j, k of f (n, d), flat.

    Park et al., 2019, section 3.2.2. Raises a ValueError for n < 3.
    """
    check_features(f=f)
    if len(f) < 3:
        raise ValueError(f"an angle needs at least 3 examples, got {len(f)}: take a larger batch")
    e = f[None, :, :] - f[:, None, :]  # (j, i, d)
    length = e.norm(dim=2, keepdim=True)
    e = e / torch.where(
        length > 0, length, torch.ones_like(length)
    )  # equal rows: no direction, and a finite gradient
    n = torch.arange(len(f), device=f.device)
    j, i, k = n[:, None, None], n[None, :, None], n[None, None, :]
    return (e @ e.transpose(1, 2))[(i != j) & (k != j) & (i < k)]


def distance_loss(f_s: Tensor, f_t: Tensor) -> Tensor:
    """Return the Huber loss between distances of a student's features (n, d_s) and a teacher's (n, d_t), mean over pairs."""
    check_features(f_s=f_s)
    check_features(f_t=f_t)
    check_pairs(f_s=f_s, f_t=f_t)
    return F.smooth_l1_loss(distances(f_s), distances(f_t))


def angle_loss(f_s: Tensor, f_t: Tensor) -> Tensor:
    """Return the Huber loss between angles of a student's features (n, d_s) and a teacher's (n, d_t), mean over triples."""
    check_features(f_s=f_s)
    check_features(f_t=f_t)
    check_pairs(f_s=f_s, f_t=f_t)
    return F.smooth_l1_loss(angles(f_s), angles(f_t))


class RKD(Objective):
    """loss = task + lambda * (l_D * distance loss + l_A * angle loss) between examples of both domains together.

    `teacher`: a trained Network with features of any width, which is copied; without one the start is the teacher.
    """

    name = "rkd"
    title = "RKD (keep a teacher's distances and angles)"
    terms = ("task", "distances", "angles")
    family = "distillation"
    year = 2019
    made_for = "a teacher"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "distance",
            25.0,
            0.0,
            1000.0,
            "log",
            symbol="l_D",
            text="How much distances count; 25 in the paper.",
        ),
        Setting(
            "angle",
            50.0,
            0.0,
            1000.0,
            "log",
            symbol="l_A",
            text="How much angles count; 50 in the paper.",
        ),
    )
    distance: float
    angle: float

    def __init__(self, teacher: Network | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.teacher = Teacher(teacher)

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.teacher.setup(network)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f_t = torch.cat(
            [self.teacher(batch.xs[:MOST], "source").f, self.teacher(batch.xt[:MOST], "target").f]
        )
        f_s = torch.cat([batch.fs[:MOST], batch.ft[:MOST]])
        return {
            "task": task_loss(batch),
            "distances": batch.weight * (self.distance * distance_loss(f_s, f_t)),
            "angles": batch.weight * (self.angle * angle_loss(f_s, f_t)),
        }
