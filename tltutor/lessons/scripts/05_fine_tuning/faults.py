"""Two mistakes of freezing: a line that trains nothing, and a frozen body whose BatchNorm statistics move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import nn

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.fine_tune import FineTune
from tltutor.objectives.objective import Phase
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class NothingTrains(FineTune):
    """Train the head alone: the line that fails to, and the one that works.

    `head.requires_grad = True` sets an attribute of the module, not of its parameters. In a hand-written loop `backward` would
    raise; the session continues with a constant loss.
    """

    settings: ClassVar[tuple[Setting, ...]] = (*FineTune.settings, MISTAKE)
    mistake: bool

    def broken(self, network: Network) -> None:
        for parameter in network.parameters():
            parameter.requires_grad = False
        network.head.requires_grad = True  # type: ignore[assignment]

    def right(self, network: Network) -> None:
        for parameter in network.parameters():
            parameter.requires_grad = False
        network.head.requires_grad_(True)

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        (self.broken if self.mistake else self.right)(network)
        return [parameter for parameter in network.parameters() if parameter.requires_grad]


class MovingBatchNorm(FineTune):
    """Train the head alone on a frozen body: code without the line `eval()`, and with it.

    A frozen body in training mode: its weights do not change, but BatchNorm's running statistics do, and so do all features.
    """

    settings: ClassVar[tuple[Setting, ...]] = (*FineTune.settings, MISTAKE)
    mistake: bool

    def broken(self, network: Network) -> None:
        network.stages.requires_grad_(False)

    def right(self, network: Network) -> None:
        network.stages.requires_grad_(False)
        network.stages.eval()

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self._held = (network,)  # in a tuple, so that it is not a submodule of the objective

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return network.head.parameters()

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        """Called at each step, after the session has put the network into training mode."""
        (self.broken if self.mistake else self.right)(*self._held)
        return self.phases


FAULTS = {"nothing-trains": NothingTrains, "moving-batchnorm": MovingBatchNorm}
