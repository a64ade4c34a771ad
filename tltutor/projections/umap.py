"""Live UMAP (McInnes, Healy & Melville, 2018): points in the plane, neighbours drawn together and all others pushed apart."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.descent import loops_fit
from tltutor.projections.distances import plane_distances
from tltutor.projections.fuzzy import curve, fuzzy_set
from tltutor.projections.layout import Layout, Melt, springs
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

    What UMAP's sampling minimises on average (Damrich & Hamprecht, 2021), all pairs instead of a sample.
    y (n, 2) places, p (n, n) affinities v_ij / sum v, r = pushes(p).
    """
    s = (y[:, None] - y).square().sum(2) + EPSILON
    log_w = -torch.log1p(a * s**b)
    log_rest = torch.log(a * s**b) + log_w  # log(1 - w)
    off_diagonal = 1 - torch.eye(len(y), dtype=y.dtype, device=y.device)
    return -((p * log_w + pushes(p) * log_rest) * off_diagonal).sum()


def umap_gradient(y: Tensor, p: Tensor, *, a: float, b: float, push: float = 1.0) -> Tensor:
    """4 sum_j (p_ij a s^b - push r_ij) b / (s (1 + a s^b)) (y_i - y_j): (n, 2), the loss's gradient at push = 1.

    push < 1 lets neighbours find each other in a cold start.
    """
    s = plane_distances(y, plus=EPSILON).clamp_min_(EPSILON)
    u = torch.log(s).mul_(b).exp_().mul_(a)  # a s^b; torch.pow takes five times as long
    s.addcmul_(s, u)  # s (1 + a s^b)
    m = u.mul_(p).sub_(pushes(p, push * NEGATIVES)).div_(s)
    return b * springs(y, m)


class UMAP(Projection):
    """UMAP that goes on: each call takes `steps` small steps from where the points are, towards the latest look."""

    name = "umap"
    title = "UMAP (live)"
    moves = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("neighbours", 15, 2, 200, "int", "points", "How many nearest points, itself included, make a neighbourhood."),
        Setting("min_dist", 0.1, 0.0, 0.99, "linear", text="How far apart the closest points are drawn."),
        Setting(
            "steps",
            10,
            1,
            100,
            "int",
            "a frame",
            "Steps towards each look; with much news a few times as many.",
        ),
    )
    neighbours: int
    min_dist: float
    steps: int

    def reset(self) -> None:
        super().reset()
        self._drawn_with = self.min_dist
        self._layout = Layout(self._gradient, spread=5.0, rate=0.1, early=(0.25, 100), settle=200, melt=Melt(0.4, 2, 4))

    def _gradient(self, y: Tensor, p: Tensor, rows: Tensor, *, push: float) -> Tensor:
        a, b = curve(self.min_dist)
        if not loops_fit(y):
            return umap_gradient(y, p, a=a, b=b, push=push)
        from tltutor.projections.loops import umap_loop

        return umap_loop(y, p, rate=rows * (NEGATIVES / (2 * len(p))), a=a, b=b, push=push, epsilon=EPSILON)

    def _affinities(self, d2: Tensor) -> Tensor:
        v = fuzzy_set(d2, self.neighbours)
        return v.div_(v.sum())

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        self._layout.aim(x, self._affinities)
        if self.min_dist != self._drawn_with:  # changes the gradient, not the affinities
            self._layout.stir()
            self._drawn_with = self.min_dist

    def _move(self, steps: int | None, *, whole: bool) -> None:
        self._layout.move(self.steps if steps is None else steps, whole=whole)

    @property
    def melting(self) -> bool:
        return self._layout.melting

    def _place(self) -> Tensor:
        return self._layout.y
