"""MCD (Saito et al., 2018): two heads disagree where the target leaves the source; the features learn to leave them no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.objective import Batch, Objective, Phase, same_width, task_loss

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def discrepancy(z1: Tensor, z2: Tensor) -> Tensor:
    """mean |p1 - p2| over examples and classes of two heads' logits (n, k) (Saito et al., 2018, discrepancy loss)."""
    same_width(z1, z2)
    return (z1.softmax(1) - z2.softmax(1)).abs().mean()


class MCD(Objective):
    """Three phases a step on one batch, as the paper's steps A, B and C; the head is one classifier, `second` is the other.

    A, all: task of both heads. B, heads: task of both - lambda * discrepancy on the target. C, body, four times:
    lambda * discrepancy on the target. Heads may agree on a wrong class as well: on blobs->rotated-blobs they find less room to
    disagree, and accuracy is lost on some seeds.
    """

    name = "mcd"
    title = "MCD (two heads that must agree on the target)"
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("learn"),
        Phase("disagree", ("head", "objective")),
        Phase("agree", ("body",), repeat=4),
    )
    second: nn.Linear

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            self.second = nn.Linear(network.feature_width, len(pair.class_names))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        apart = batch.weight * discrepancy(batch.zt, self.second(batch.ft))
        if batch.phase == "agree":
            return {"discrepancy": apart}
        terms = {"task": task_loss(batch), "second task": F.cross_entropy(self.second(batch.fs), batch.ys)}
        return terms | ({"disagree": -apart} if batch.phase == "disagree" else {})
