"""A walk whose teacher is never renewed: all labels come from the network that has learned the source alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torch import nn

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.gradual import GradualSelfTraining
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.networks import Network


class FirstTeacher(GradualSelfTraining):
    """Say which network labels the next domain: the one of the first part for ever, or the network as it is now."""

    settings: ClassVar[tuple[Setting, ...]] = (*GradualSelfTraining.settings, MISTAKE)
    mistake: bool

    def broken(self, teacher: nn.Module, network: Network) -> None:
        if self.begun == 0:  # once
            teacher.load_state_dict(network.state_dict())

    def right(self, teacher: nn.Module, network: Network) -> None:
        teacher.load_state_dict(network.state_dict())

    def begin(self, part: int, network: Network) -> None:
        (self.broken if self.mistake else self.right)(self.teacher.require_network(), network)
        super().begin(part, self.teacher.require_network())


FAULTS = {"first-teacher": FirstTeacher}
