"""Live t-SNE (van der Maaten & Hinton, 2008): points in the plane whose Student-t neighbourhoods match the features'."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.descent import loops_fit
from tltutor.projections.distances import plane_distances
from tltutor.projections.layout import Layout, Melt, springs
from tltutor.projections.perplexity import joint_probabilities
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting


def tsne_loss(y: Tensor, p: Tensor) -> Tensor:
    """KL(P || Q) = sum_ij p_ij log(p_ij / q_ij), with q_ij = w_ij / sum_kl w_kl and w_ij = 1 / (1 + |y_i - y_j|^2), i != j.

    y (n, 2) places, p (n, n) affinities that sum to 1 (section 3 of the paper).
    """
    w = (1 / (1 + (y[:, None] - y).square().sum(2))).fill_diagonal_(0)
    q = w / w.sum()
    divergence: Tensor = torch.xlogy(p, p).sum() - torch.xlogy(p, q.clamp_min(torch.finfo(q.dtype).tiny)).sum()
    return divergence


def tsne_gradient(y: Tensor, p: Tensor, *, push: float = 1.0) -> Tensor:
    """dKL / dy_i = 4 sum_j (p_ij - push q_ij) w_ij (y_i - y_j) (eq. 5 at push = 1): (n, 2).

    push < 1 is the early exaggeration, 1 / push.
    """
    w = plane_distances(y, plus=1.0).reciprocal_().fill_diagonal_(0)
    return springs(y, torch.addcmul(p, w, -push / w.sum()).mul_(w))  # q = w / sum w


def _gradient(y: Tensor, p: Tensor, _rows: Tensor, *, push: float) -> Tensor:
    if not loops_fit(y):
        return tsne_gradient(y, p, push=push)
    from tltutor.projections.loops import tsne_loop

    return tsne_loop(y, p, push=push)


class TSNE(Projection):
    """t-SNE that goes on: each call takes `steps` small steps from where the points are, towards the latest look."""

    name = "tsne"
    title = "t-SNE (live)"
    moves = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("perplexity", 30.0, 2.0, 200.0, "log", "neighbours", "How many neighbours each point feels, softly counted."),
        Setting(
            "steps",
            20,
            1,
            100,
            "int",
            "a frame",
            "Steps towards each look; with much news a few times as many.",
        ),
    )
    perplexity: float
    steps: int

    def reset(self) -> None:
        super().reset()
        self._layout = Layout(_gradient, spread=0.01, rate=0.25, early=(1 / 12, 50), settle=300, melt=Melt(0.9, 1, 6))

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        self._layout.aim(x, lambda d2: joint_probabilities(d2, self.perplexity))

    def _move(self, steps: int | None, *, whole: bool) -> None:
        self._layout.move(self.steps if steps is None else steps, whole=whole)

    @property
    def melting(self) -> bool:
        return self._layout.melting

    def _place(self) -> Tensor:
        return self._layout.y
