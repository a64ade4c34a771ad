"""A teacher: a frozen copy of a network, always in evaluation mode. No gradient and no step changes it."""

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
class Outputs:
    """A network's outputs for a batch: features f (n, d), logits z (n, k), and h (n, ...) of each stage by name."""

    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor]


class Teacher(nn.Module):
    """A copy of the given network; without one, of the student as it is when the run begins.

    Its BatchNorm uses the running statistics of the batch's domain.
    """

    network: Network | None

    def __init__(self, network: Network | None = None) -> None:
        super().__init__()
        self.is_start = network is None
        self.network = None if network is None else copy.deepcopy(network).requires_grad_(False)
        self.eval()

    def setup(self, student: Network) -> Self:
        """Copy the student if no network was given.

        Raises a ValueError if teacher and student do not name the same classes in the same order.
        """
        if self.is_start or self.network is None:
            self.network = copy.deepcopy(student).requires_grad_(False)
        if self.network.class_names != student.class_names:
            raise ValueError(
                f"a teacher must know the student's classes in their order, got {list(self.network.class_names)} for"
                f" {list(student.class_names)}: give teacher.with_head(class_names), trained on them"
            )
        return self.eval()

    def require_network(self) -> Network:
        """Return the network that teaches. Raises a RuntimeError before `setup` if no network was given."""
        if self.network is None:
            raise RuntimeError(
                "a teacher must know its student before it teaches: call teacher.setup(network) first"
            )
        return self.network

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode, whatever is asked."""
        return super().train(False)

    def forward(self, x: Tensor, domain: DomainName) -> Outputs:
        h: dict[str, Tensor] = {}
        with torch.no_grad():
            f, z = self.require_network().on(domain)(x, h)
        return Outputs(f, z, h)

    def outputs(self, batch: Batch) -> Outputs:
        """Return the teacher's outputs for the source and the target batch, source rows first."""
        return _joined(self(batch.xs, "source"), self(batch.xt, "target"))


def student_outputs(batch: Batch) -> Outputs:
    """Return the training network's outputs for the source and the target batch, source rows first."""
    return _joined(Outputs(batch.fs, batch.zs, batch.hs), Outputs(batch.ft, batch.zt, batch.ht))


def _joined(s: Outputs, t: Outputs) -> Outputs:
    h = {name: torch.cat([s.h[name], t.h[name]]) for name in s.h}
    return Outputs(torch.cat([s.f, t.f]), torch.cat([s.z, t.z]), h)
