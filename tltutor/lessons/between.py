"""Walk from one network to another in a straight line, on a board: a slider moves all weights together, nothing trains."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.language import mark
from tltutor.networks.interpolation import interpolated
from tltutor.objectives.l2sp import l2_sp
from tltutor.objectives.objective import LAMBDA, Batch, Objective
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

TERM = mark("distance from the start")
STOPS = 11  # 0, .1, … 1: each takes an equal part of the run


class Between(Objective):
    """At each step, network = (1 - share) * start + share * end, BatchNorm's statistics too (Wortsman et al., 2022, section 2).

    start: the board's network as it is when the run begins; end: one of the same shape, which is copied. The share is the
    session's weight; while `walk` is on, a run goes from 0 to it in equal steps of a tenth. No example is seen, and no
    weight trains. Its term is no loss: half the squared distance of the weights from the start, as in L2-SP.
    Errors: ValueError for networks of two shapes or other classes, when the run is built.
    """

    name = "between"
    title = mark("Between two networks (nothing trains)")
    terms = (TERM,)
    task_terms = ()
    family = "fine-tuning"
    year = 2022
    branch = "none"
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(
        LAMBDA,
        high=1.0,
        scale="linear",
        symbol="α",
        text=mark("Share of the way from the first network to the second."),
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            mark("walk"), True, scale="switch", text=mark("Whether a run walks to α by tenths.")
        ),
    )
    batches: ClassVar[frozenset[str]] = frozenset()
    walk: bool

    def __init__(self, end: Network, *, walk: bool = True) -> None:
        super().__init__(walk=walk)
        self._end = (copy.deepcopy(end),)  # in a tuple, so that it is not a part that trains

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self._start = (interpolated(network, *self._end, 0.0),)

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return ()

    def schedule(self, progress: float) -> float:
        """Return the share of α that is reached: after each eleventh of the run a tenth more."""
        if not self.walk:
            return 1.0
        return min(math.floor(progress * STOPS + 1e-9), STOPS - 1) / (STOPS - 1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        (start,) = self._start
        between = interpolated(start, *self._end, batch.weight)
        batch.network.load_state_dict(between.state_dict())
        moved = l2_sp(between, dict(start.named_parameters()))
        return {TERM: moved.detach()}
