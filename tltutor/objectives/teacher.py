"""A teacher: a frozen copy of a network, always in evaluation mode, which no gradient reaches and no step moves."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.networks.batchnorm import DomainName
    from tltutor.objectives.objective import Batch


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network makes of a batch: features f (n, d), logits z (n, k), each stage's output h (n, ...) by name."""

    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor]


class Teacher(nn.Module):
    """A copy of the network that is given; without one, of the student as it stands when the run begins.

    BatchNorm uses the running statistics of the batch's domain, those that the teacher was trained to.
    """

    network: Network | None

    def __init__(self, network: Network | None = None) -> None:
        super().__init__()
        self.is_start = network is None
        self.network = None if network is None else copy.deepcopy(network).requires_grad_(False)
        self.eval()

    def meet(self, student: Network) -> Self:
        """Be the student's copy if no teacher was given; a ValueError if teacher and student know different classes."""
        if self.is_start or self.network is None:
            self.network = copy.deepcopy(student).requires_grad_(False)
        if self.network.class_names != student.class_names:
            raise ValueError(
                f"a teacher must know the student's classes in their order, got {list(self.network.class_names)} for"
                f" {list(student.class_names)}: give teacher.with_head(class_names), trained on them"
            )
        return self.eval()

    def met(self) -> Network:
        """The network that teaches; a RuntimeError where no teacher was given and no student was met."""
        if self.network is None:
            raise RuntimeError("a teacher must meet its student before it teaches: call meet(network) in bind")
        return self.network

    def train(self, mode: bool = True) -> Self:
        """A teacher stays in evaluation mode."""
        return super().train(False)

    def forward(self, x: Tensor, domain: DomainName) -> Seen:
        h: dict[str, Tensor] = {}
        with torch.no_grad():
            f, z = self.met().on(domain)(x, h)
        return Seen(f, z, h)

    def see(self, batch: Batch) -> Seen:
        """What the teacher makes of the source and the target batch, source rows first."""
        return _joined(self(batch.xs, "source"), self(batch.xt, "target"))


def student(batch: Batch) -> Seen:
    """What the network that trains made of the source and the target batch, source rows first."""
    return _joined(Seen(batch.fs, batch.zs, batch.hs), Seen(batch.ft, batch.zt, batch.ht))


def _joined(s: Seen, t: Seen) -> Seen:
    return Seen(torch.cat([s.f, t.f]), torch.cat([s.z, t.z]), {name: torch.cat([s.h[name], t.h[name]]) for name in s.h})
