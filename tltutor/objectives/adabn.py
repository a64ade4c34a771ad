"""AdaBN (Li et al., 2016): a trained network uses the target's BatchNorm statistics, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from tltutor.networks.adabn import adapt_batchnorm
from tltutor.networks.batchnorm import domain_layers
from tltutor.objectives.objective import Batch, Objective

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class AdaBN(Objective):
    """The first step sets the target's statistics to those of all its examples, layer by layer (`adapt_batchnorm`).

    Pass a trained network: no weight trains, and no label and no source example is seen. Later steps change nothing.
    Frozen stages keep their statistics. Its term is no loss: it shows how far the means moved, as root mean square
    in old standard deviations.
    """

    name = "adabn"
    title = "AdaBN (use the target's statistics)"
    terms = ("moved",)
    family = "batchnorm"
    year = 2016
    takes_boxes = True
    batches: ClassVar[frozenset[str]] = frozenset()
    pretrained_by: ClassVar[str] = "source-only"
    batchnorm: ClassVar[Literal["separate"]] = "separate"
    weighted: ClassVar[bool] = False
    adapted: bool

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.adapted = False
        self._x = torch.tensor(pair.target.x, device=next(network.parameters()).device)

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return ()

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        layers = list(domain_layers(batch.network))
        means = [layer.target_mean.clone() for layer in layers]
        deviations = [(layer.target_var + layer.eps).sqrt() for layer in layers]
        if not self.adapted:
            adapt_batchnorm(batch.network, self._x, first=batch.network.frozen)
            self.adapted = True
        moved = [
            (layer.target_mean - m) / sd
            for layer, m, sd in zip(layers, means, deviations, strict=True)
        ]
        return {"moved": torch.cat(moved).square().mean().sqrt()}
