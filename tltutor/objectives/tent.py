"""TENT (Wang et al., 2021): a trained network adapts while it is used, without the source, by lower entropy on the target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from tltutor.networks.batchnorm import domain_layers, how_to_get_it
from tltutor.objectives.entropy import entropy
from tltutor.objectives.objective import Batch, Objective

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class TENT(Objective):
    """loss = lambda * mean H(softmax(zt)) (Wang et al., 2021, section 3); only BatchNorm's scale and shift train.

    Pass a trained network. It sees only target batches, each normalized by its own statistics; evaluation uses the
    running ones. Both domains share scale and shift, unless DSBN split them, so that the source may get worse.
    The paper's learning rate is .001; if it is too large, all of the target becomes one class.
    """

    name = "tent"
    title = "TENT (adapt a trained network, source-free)"
    terms = ("entropy",)
    family = "batchnorm"
    year = 2021
    acts_on = "predictions"
    batches: ClassVar[frozenset[str]] = frozenset({"target"})
    pretrained_by: ClassVar[str] = "source-only"
    batchnorm: ClassVar[Literal["separate"]] = "separate"

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        if not any(domain_layers(network)):
            raise ValueError(
                f"TENT needs a network with BatchNorm, got {network.name} without: {how_to_get_it(network)}"
            )

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return [p for layer in domain_layers(network) for p in layer.scale_and_shift("target")]

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"entropy": batch.weight * entropy(batch.zt).mean()}
