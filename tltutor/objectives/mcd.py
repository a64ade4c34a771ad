"""MCD (Saito et al., 2018): two heads disagree where the target differs from the source; the features remove that room."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.objective import Batch, Objective, Phase, task_loss

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def discrepancy(z1: Tensor, z2: Tensor) -> Tensor:
    """Return the mean of |p1 - p2| over examples and classes, of two heads' logits z1 and z2 (n, k).

    Saito et al., 2018, discrepancy loss.
    """
    check_features(z1=z1, z2=z2)
    check_pairs(z1=z1, z2=z2)
    return (z1.softmax(1) - z2.softmax(1)).abs().mean()


class MCD(Objective):
    """Three phases per step on one batch, the paper's steps A, B and C. The head is one classifier, `second` the other.

    A, all parts: task of both heads. B, heads: task of both - lambda * discrepancy on the target. C, body, four
    times: lambda * discrepancy on the target. Both heads may agree on a wrong class: on blobs->rotated-blobs they
    have less room to disagree, but some seeds lose accuracy.
    """

    name = "mcd"
    title = "MCD (two heads that must agree on the target)"
    terms = ("task", "second task", "disagree", "discrepancy")
    task_terms = ("task", "second task")
    family = "adversarial"
    branch = "heads"
    year = 2018
    acts_on = "predictions"
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
        disagreement = batch.weight * discrepancy(batch.zt, self.second(batch.ft))
        if batch.phase == "agree":
            return {"discrepancy": disagreement}
        terms = {
            "task": task_loss(batch),
            "second task": batch.task.loss(self.second(batch.fs), batch.ys),
        }
        return {**terms, "disagree": -disagreement} if batch.phase == "disagree" else terms
