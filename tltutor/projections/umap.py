"""Live UMAP (McInnes, Healy & Melville, 2018): points in the plane, neighbours drawn together and all others pushed apart."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.distances import squared_distances
from tltutor.projections.fuzzy import curve, fuzzy_set
from tltutor.projections.layout import Layout, springs
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting

NEGATIVES = 5  # pushes a pull, the paper's negative sampling rate
EPSILON = 1e-3  # added to squared distances in the plane, as in umap-learn


def pushes(p: Tensor, negatives: float = NEGATIVES) -> Tensor:
    """r_ij = m (p_i + p_j) / 2n with p_i = sum_j p_ij: how often negative sampling, m a pull, would push i and j apart."""
    row = p.sum(1) * (negatives / (2 * len(p)))
    return row[:, None] + row


def umap_loss(y: Tensor, p: Tensor, *, a: float, b: float) -> Tensor:
    """-sum_ij p_ij log w_ij - sum_ij r_ij log(1 - w_ij), i != j, with w_ij = 1 / (1 + a s^b) and s = |y_i - y_j|^2 + epsilon.

    What UMAP's sampling minimises on average (Damrich & Hamprecht, 2021, eq. 10), all pairs instead of a sample.
    y (n, 2) places, p (n, n) affinities v_ij / sum v, r = pushes(p).
    """
    s = (y[:, None] - y).square().sum(2) + EPSILON
    log_w = -torch.log1p(a * s**b)
    log_rest = torch.log(a * s**b) + log_w  # log(1 - w)
    off_diagonal = 1 - torch.eye(len(y), dtype=y.dtype, device=y.device)
    return -((p * log_w + pushes(p) * log_rest) * off_diagonal).sum()


def umap_gradient(y: Tensor, p: Tensor, pull: float = 1.0, *, a: float, b: float) -> Tensor:
    """4 sum_j (pull p_ij a s^b - r_ij) b / (s (1 + a s^b)) (y_i - y_j): (n, 2). `pull` > 1 gathers a cold start."""
    s = squared_distances(y).add_(EPSILON)
    t = s.pow(b).mul_(a)
    m = (t * p).mul_(pull).sub_(pushes(p)).mul_(b).div_(s.mul_(t.add_(1)))
    return springs(y, m)


class UMAP(Projection):
    """UMAP that goes on: each call takes `steps` small steps from where the points are, towards the latest look."""

    name = "umap"
    title = "UMAP (live)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("neighbours", 15, 2, 200, "int", "points", "How many nearest points, itself included, make a neighbourhood."),
        Setting("min_dist", 0.1, 0.0, 0.99, "linear", text="How far apart the closest points are drawn."),
        Setting("steps", 10, 1, 100, "int", "a frame", "How many steps the map takes towards each look."),
    )
    neighbours: int
    min_dist: float
    steps: int

    def reset(self) -> None:
        super().reset()
        self._layout = Layout(self._gradient, spread=5.0, rate=1 / 12, early=(4.0, 100), settle=300)

    def _gradient(self, y: Tensor, p: Tensor, pull: float) -> Tensor:
        a, b = curve(self.min_dist)
        return umap_gradient(y, p, pull, a=a, b=b)

    def _affinities(self, d2: Tensor) -> Tensor:
        v = fuzzy_set(d2, self.neighbours)
        return v / v.sum()

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        self._layout.aim(x, self._affinities)

    def _move(self, steps: int | None) -> None:
        self._layout.move(self.steps if steps is None else steps)

    def _place(self) -> Tensor:
        return self._layout.y
