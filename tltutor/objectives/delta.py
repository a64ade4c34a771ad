"""DELTA (Li et al., 2019): fine-tune, and keep the outputs of the channels that the starting network uses most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.channels import useful_channels
from tltutor.objectives.checks import check_pairs, check_stages
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.l2sp import BETA, l2_sp
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_batch, labeled_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

MOST = 64  # labeled examples that weigh the channels


def behavior(h: Tensor, h0: Tensor, w: Tensor) -> Tensor:
    """Return (1/2) sum over channels of c w ||h - h0||^2, the mean over examples and places.

    h, h0: outputs (n, c, ...) of one stage, now and at the start; w: channel weights (c,). Li et al., 2019,
    section 3; the factor c is the authors' code's: equal weights 1/c give the plain distance.
    """
    check_stages(h=h, h0=h0)
    check_pairs(h=h, h0=h0)
    d2 = (h - h0).square().flatten(2).mean(2) if h.ndim > 2 else (h - h0).square()  # (n, c)
    return 0.5 * len(w) * (d2 * w).sum(1).mean()


class DELTA(Objective):
    """loss = CE(labeled target) + a * sum over stages of behavior(h, h at the start) + (b/2) ||head||^2.

    a is the session's lambda. Its default is .64, because the authors' code has .01 on a sum over a batch of 64.
    A channel's weight is how much the starting network loses without it, with a head fitted to the labeled
    examples. The stages are those with maps, or those that give vectors if none has maps.
    """

    name = "delta"
    title = "DELTA (keep what useful channels compute)"
    terms = ("task", "behavior", "small head")
    family = "fine-tuning"
    year = 2019
    acts_on = "stages"
    weight: ClassVar[Setting] = replace(
        LAMBDA, default=0.64, text="a: how strongly useful channels keep the outputs of the start."
    )
    settings: ClassVar[tuple[Setting, ...]] = (LABELS, BETA)
    batches: ClassVar[frozenset[str]] = frozenset({"labeled"})
    beta: float
    channels: dict[str, Tensor]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        if pair.target_labeled is None:
            raise ValueError(
                "DELTA needs labeled target examples, got none: use pair.with_target_labels(k)"
            )
        self.start = Teacher().setup(network)
        few = pair.target_labeled.take(
            torch.randperm(len(pair.target_labeled), generator=rng)[:MOST].numpy()
        )
        device = next(network.parameters()).device
        x, y = torch.tensor(few.x, device=device), torch.tensor(few.y, device=device)
        self.channels = useful_channels(self.start, x, y)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        labeled = labeled_batch(batch)
        h0 = self.start(labeled.x, "target").h
        changes = torch.stack(
            [behavior(labeled.h[stage], h0[stage], w) for stage, w in self.channels.items()]
        )
        zero = {
            f"head.{name}": torch.zeros_like(p) for name, p in batch.network.head.named_parameters()
        }
        return {
            "task": labeled_loss(batch),
            "behavior": batch.weight * changes.sum(),
            "small head": self.beta * l2_sp(batch.network, zero),
        }
