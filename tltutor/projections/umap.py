"""Live UMAP (McInnes, Healy & Melville, 2018): points in the plane; neighbors attract, all other pairs repel each other."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.distances import plane_distances
from tltutor.projections.fuzzy import find_ab_params, fuzzy_simplicial_set
from tltutor.projections.layout import Annealing, Layout, Schedule, springs
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting

NEGATIVES = 5  # repulsions for each attraction: umap-learn's negative_sample_rate
EPSILON = 1e-3  # added to squared distances in the plane, as in umap-learn

SCHEDULE = Schedule(
    start_std=5.0,  # umap-learn starts within -10..10
    learning_rate=0.1,  # chosen here: a quarter and four times as much are as trustworthy on digits (.988 to .989)
    early_repulsion=0.25,  # chosen here
    early_steps=100,  # chosen here: on digits a start without them is as trustworthy (.989)
    full_steps=200,  # umap-learn's n_epochs for large data
    annealing=Annealing(
        0.4, weakened=1, restored=1
    ),  # chosen here: two Gaussian domains merge as with two weakened and four restored
)


def repulsion_rates(p: Tensor, negatives: float = NEGATIVES) -> Tensor:
    """Return r_ij = m (p_i + p_j) / 2n, p_i = sum_j p_ij: how often negative sampling would make i and j repel each other.

    p (n, n) affinities, m = `negatives` samples for each attraction: (n, n) (Damrich & Hamprecht, 2021, section 4).
    """
    row = p.sum(1) * (negatives / (2 * len(p)))
    return row[:, None] + row


def umap_loss(y: Tensor, p: Tensor, *, a: float, b: float) -> Tensor:
    """Return -sum_ij p_ij log w_ij - sum_ij r_ij log(1 - w_ij), i != j, w_ij = 1 / (1 + a s^b), s = |y_i - y_j|^2 + EPSILON.

    What UMAP's sampling minimizes on average (Damrich & Hamprecht, 2021), over all pairs instead of a sample.
    y (n, 2) places, p (n, n) affinities v_ij / sum v, r = repulsion_rates(p). A scalar.
    """
    s = (y[:, None] - y).square().sum(2) + EPSILON
    log_w = -torch.log1p(a * s**b)
    log_rest = torch.log(a * s**b) + log_w  # log(1 - w)
    off_diagonal = 1 - torch.eye(len(y), dtype=y.dtype, device=y.device)
    return -((p * log_w + repulsion_rates(p) * log_rest) * off_diagonal).sum()


def umap_gradient(y: Tensor, p: Tensor, *, a: float, b: float, repulsion: float = 1.0) -> Tensor:
    """Return 4 sum_j (p_ij a s^b - repulsion r_ij) b / (s (1 + a s^b)) (y_i - y_j): (n, 2), the loss's gradient at repulsion = 1.

    y (n, 2), p (n, n) symmetric. repulsion < 1 lets neighbors find each other in a cold start.
    """
    s = plane_distances(y, plus=EPSILON).clamp_min_(EPSILON)
    u = torch.log(s).mul_(b).exp_().mul_(a)  # a s^b; torch.pow takes five times as long
    s.addcmul_(s, u)  # s (1 + a s^b)
    m = u.mul_(p).sub_(repulsion_rates(p, repulsion * NEGATIVES)).div_(s)
    return b * springs(y, m)


class UMAP(Projection):
    """UMAP that goes on: each call takes `steps` small steps from the present places toward the latest features.

    A point moves no farther than the change of its own features allows; see leash.py. Of many points some are laid out,
    the others stand beside them; see beside.py.
    """

    name = "umap"
    title = "UMAP (live)"
    moves = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "n_neighbors",
            15,
            2,
            200,
            "int",
            "points",
            "Size of a neighborhood: the nearest points, the point itself included.",
        ),
        Setting(
            "min_dist", 0.1, 0.0, 0.99, "linear", text="How far apart the closest points are drawn."
        ),
        Setting(
            "steps",
            10,
            1,
            100,
            "int",
            "a frame",
            "Steps toward each snapshot; a few times as many after a large change.",
        ),
    )
    n_neighbors: int
    min_dist: float
    steps: int

    def laid_out(self, n: int) -> int:
        return self._layout.laid_out(n)

    def reset(self) -> None:
        super().reset()
        self._drawn_with = self.min_dist
        self._layout = Layout(self._gradient, SCHEDULE)

    def _gradient(
        self, y: Tensor, p: Tensor, rows: Tensor, *, repulsion: float, loops: ModuleType | None
    ) -> Tensor:
        a, b = find_ab_params(self.min_dist)
        if loops is None:
            return umap_gradient(y, p, a=a, b=b, repulsion=repulsion)
        rate = rows * (NEGATIVES / (2 * len(p)))  # r_ij = rate_i + rate_j
        gradient: Tensor = loops.umap_gradient(
            y, p, rate=rate, a=a, b=b, repulsion=repulsion, epsilon=EPSILON
        )
        return gradient

    def _affinities(self, d2: Tensor, _loops: ModuleType | None) -> Tensor:
        v = fuzzy_simplicial_set(d2, self.n_neighbors)
        return v.div_(v.sum())

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        self._layout.aim(x, self._affinities)
        if self.min_dist != self._drawn_with:  # changes the gradient, not the affinities
            self._layout.reheat()
            self._drawn_with = self.min_dist

    def _move(self, steps: int | None, *, budgeted: bool, gliding: bool) -> None:
        steps = self.steps if steps is None else steps
        self._layout.move(steps, budgeted=budgeted, gliding=gliding)

    @property
    def annealing(self) -> bool:
        return self._layout.annealing

    def _place(self) -> Tensor:
        return self._layout.places
