"""DELTA (Li et al., 2019): fine-tune, and keep what the start's most useful channels compute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.channels import useful_channels
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.l2sp import BETA, l2_sp
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_batch, labeled_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

MOST = 64  # labeled examples that judge the channels


def behaviour(h: Tensor, h0: Tensor, w: Tensor) -> Tensor:
    """(1/2) sum over channels of c w ||h - h0||^2, mean over examples and places, of outputs (n, c, ...) (Li et al., 2019, section 3).

    As in the authors' code, c times the weight: equal weights leave the plain distance.
    """
    d2 = (h - h0).square().flatten(2).mean(2) if h.ndim > 2 else (h - h0).square()  # (n, c)
    return 0.5 * len(w) * (d2 * w).sum(1).mean()


class DELTA(Objective):
    """loss = CE(labeled target) + a * sum over stages of behaviour(h, the start's h) + (b/2) ||head||^2.

    a is the session's lambda, .64: the authors' code has .01 on the sum over a batch of 64, of which this is the mean. A channel
    counts by how much the start, with a head fitted to the labeled examples, loses without it. The stages are those with maps;
    all of them where the examples are vectors.
    """

    name = "delta"
    title = "DELTA (keep what useful channels compute)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.64, text="a: how strongly the channels are held at what they computed.")
    settings: ClassVar[tuple[Setting, ...]] = (LABELS, BETA)
    batches: ClassVar[frozenset[str]] = frozenset({"labeled"})
    beta: float
    channels: dict[str, Tensor]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        if pair.target_labeled is None:
            raise ValueError("DELTA needs labeled target examples, got none: use pair.with_target_labels(k)")
        self.start = Teacher().meet(network)
        few = pair.target_labeled.take(torch.randperm(len(pair.target_labeled), generator=rng)[:MOST].numpy())
        device = next(network.parameters()).device
        self.channels = useful_channels(self.start, (torch.tensor(few.x, device=device), torch.tensor(few.y, device=device)))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        labeled = labeled_batch(batch)
        h0 = self.start(labeled.x, "target").h
        kept = torch.stack([behaviour(labeled.h[stage], h0[stage], w) for stage, w in self.channels.items()]).sum()
        head = {f"head.{name}": torch.zeros_like(p) for name, p in batch.network.head.named_parameters()}
        return {"task": labeled_loss(batch), "behaviour": batch.weight * kept, "small head": self.beta * l2_sp(batch.network, head)}
