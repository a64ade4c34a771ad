"""Live t-SNE (van der Maaten & Hinton, 2008): points in the plane whose Student-t neighborhoods match the features'."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.distances import plane_distances
from tltutor.projections.layout import Annealing, Layout, Schedule, springs
from tltutor.projections.perplexity import joint_probabilities
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting

SCHEDULE = Schedule(
    start_std=0.01,  # the paper's N(0, 1e-4 I) (algorithm 1)
    learning_rate=0.25,  # n / exaggeration (Belkina et al., 2019; openTSNE's default), over the 4 of eq. 5, which openTSNE omits
    early_repulsion=1 / 12,  # early exaggeration of 12 (van der Maaten, 2014; openTSNE's default)
    early_steps=50,  # the paper's (section 3.4)
    full_steps=300,  # measured here: KL within .03 of openTSNE's 750 steps (tests/projections/test_tsne.py)
    # measured here: two Gaussian domains that merge mix as with six restored frames (400 points, two seeds)
    annealing=Annealing(0.9, weakened=1, restored=1),
)


def tsne_loss(y: Tensor, p: Tensor) -> Tensor:
    """Return KL(P || Q) = sum_ij p_ij log(p_ij / q_ij), q_ij = w_ij / sum_kl w_kl, w_ij = 1 / (1 + |y_i - y_j|^2), i != j.

    y (n, 2) places, p (n, n) affinities that sum to 1 (van der Maaten & Hinton, 2008, section 3). A scalar, in nats.
    """
    w = (1 / (1 + (y[:, None] - y).square().sum(2))).fill_diagonal_(0)
    q = w / w.sum()
    divergence: Tensor = (
        torch.xlogy(p, p).sum() - torch.xlogy(p, q.clamp_min(torch.finfo(q.dtype).tiny)).sum()
    )
    return divergence


def tsne_gradient(y: Tensor, p: Tensor, *, repulsion: float = 1.0) -> Tensor:
    """Return dKL / dy_i = 4 sum_j (p_ij - repulsion q_ij) w_ij (y_i - y_j) (the paper's eq. 5 at repulsion = 1): (n, 2).

    y (n, 2), p (n, n) symmetric. repulsion < 1 is the paper's early exaggeration, by a factor of 1 / repulsion.
    """
    w = plane_distances(y, plus=1.0).reciprocal_().fill_diagonal_(0)
    return springs(y, torch.addcmul(p, w, -repulsion / w.sum()).mul_(w))  # q = w / sum w


def _gradient(
    y: Tensor, p: Tensor, _rows: Tensor, *, repulsion: float, loops: ModuleType | None
) -> Tensor:
    gradient: Tensor = (tsne_gradient if loops is None else loops.tsne_gradient)(
        y, p, repulsion=repulsion
    )
    return gradient


class TSNE(Projection):
    """t-SNE that goes on: each call takes `steps` small steps from the present places toward the latest features.

    A point moves no farther than the change of its own features allows; see leash.py. Of many points some are laid out,
    the others stand beside them; see beside.py.
    """

    name = "tsne"
    title = "t-SNE (live)"
    moves = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "perplexity",
            30.0,
            2.0,
            200.0,
            "log",
            "neighbors",
            "About how many neighbors each point has (a soft count).",
        ),
        Setting(
            "steps",
            20,
            1,
            100,
            "int",
            "a frame",
            "Steps toward each snapshot; a few times as many after a large change.",
        ),
    )
    perplexity: float
    steps: int

    def laid_out(self, n: int) -> int:
        return self._layout.laid_out(n)

    def reset(self) -> None:
        super().reset()
        self._layout = Layout(_gradient, SCHEDULE)

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        self._layout.aim(x, lambda d2, loops: joint_probabilities(d2, self.perplexity, loops))

    def _move(self, steps: int | None, *, budgeted: bool, gliding: bool) -> None:
        steps = self.steps if steps is None else steps
        self._layout.move(steps, budgeted=budgeted, gliding=gliding)

    @property
    def annealing(self) -> bool:
        return self._layout.annealing

    def _place(self) -> Tensor:
        return self._layout.places
