"""Freeze everything, then `head.requires_grad = True`: this sets an attribute of the module, not of its parameters.

Nothing trains. In a hand-written loop `backward` would raise; the session continues with a constant loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from torch import nn

from tltutor.lessons.faults.mistake import MISTAKE
from tltutor.objectives.fine_tune import FineTune
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.networks import Network


class NothingTrains(FineTune):
    """Train the head alone: the line that fails to, and the one that works."""

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
