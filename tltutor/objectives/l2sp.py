"""L2-SP (Li, Grandvalet & Davoine, 2018): fine-tune, but stay close to the starting point."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

BETA = Setting(
    "beta", 0.01, 0.0, 10.0, "log", symbol="b", text="How strongly the new head is pulled toward 0."
)


def l2_sp(network: nn.Module, start: dict[str, Tensor]) -> Tensor:
    """Return (1/2) ||w - w0||^2 over the parameters that `start` names, w0 their starting values.

    Li et al., 2018, L2-SP.
    """
    weights = dict(network.named_parameters())
    return (
        0.5 * torch.stack([(weights[name] - w0).square().sum() for name, w0 in start.items()]).sum()
    )


class L2SP(Objective):
    """loss = CE(labeled target) + (a/2) ||w - w0||^2 on the body + (b/2) ||head||^2.

    a is the session's lambda, b is `beta`. Leave the session's weight decay at 0: it also pulls toward 0.
    """

    name = "l2-sp"
    title = "L2-SP (stay close to the start)"
    terms = ("task", "stay close", "small head")
    family = "fine-tuning"
    year = 2018
    takes_boxes = True
    acts_on = "stages"
    weight: ClassVar[Setting] = replace(
        LAMBDA, default=0.1, text="a: how strongly the body is pulled toward its starting point."
    )
    settings: ClassVar[tuple[Setting, ...]] = (LABELS, BETA)
    batches: ClassVar[frozenset[str]] = frozenset({"labeled"})
    beta: float
    start: dict[str, Tensor]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        body = {name: p for name, p in network.named_parameters() if not name.startswith("head.")}
        self.start = {name: p.detach().clone() for name, p in body.items()}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        zero = {
            f"head.{name}": torch.zeros_like(p) for name, p in batch.network.head.named_parameters()
        }
        return {
            "task": labeled_loss(batch),
            "stay close": batch.weight * l2_sp(batch.network, self.start),
            "small head": self.beta * l2_sp(batch.network, zero),
        }
