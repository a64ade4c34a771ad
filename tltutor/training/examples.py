"""The examples of a run: on the device once, and drawn from there in seeded minibatches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import one_dtype
from tltutor.training.randomness import Shuffled

if TYPE_CHECKING:
    from tltutor.domains import DomainPair


@dataclass(frozen=True, eq=False)
class Minibatch:
    """The examples of one step: inputs x by "source", "target" and "labeled", labels y of all but the target, domain ids (n_s,)."""

    x: Mapping[str, Tensor]
    y: Mapping[str, Tensor]
    domain_id: Tensor

    def first(self, n: int) -> Minibatch:
        """Return the first n examples of every part."""
        x, y = ({name: rows[:n] for name, rows in part.items()} for part in (self.x, self.y))
        return Minibatch(x, y, self.domain_id[:n])


class Examples:
    """The training parts of a pair that are used, on the device; of the unlabeled target only the inputs.

    names: which of "source", "target" and "labeled" are used. seeds: one a part, for its order.
    """

    def __init__(
        self,
        pair: DomainPair,
        names: frozenset[str],
        batch_size: int,
        *,
        seeds: Mapping[str, int],
        device: torch.device,
    ) -> None:
        parts = {"source": pair.source, "target": pair.target, "labeled": pair.target_labeled}
        used = {name: part for name, part in parts.items() if part is not None and name in names}
        inputs = dict(zip(used, one_dtype(*(part.x for part in used.values())), strict=True))
        self._x = {name: to_device(x, device) for name, x in inputs.items()}
        self._y = {
            name: to_device(part.y, device)
            for name, part in used.items()
            if part.y is not None and name != "target"
        }
        domain_id = pair.source.domain_id
        self._domain_id = to_device(
            np.zeros(len(pair.source), np.int64) if domain_id is None else domain_id, device
        )
        self._rows = {
            name: Shuffled(len(x), batch_size, seed=seeds[name], device=device)
            for name, x in self._x.items()
        }

    def next(self) -> Minibatch:
        """Draw the next minibatch of every part."""
        rows = {name: shuffled.next() for name, shuffled in self._rows.items()}
        x = {name: data.index_select(0, rows[name]) for name, data in self._x.items()}
        y = {name: labels.index_select(0, rows[name]) for name, labels in self._y.items()}
        domain_id = (
            self._domain_id.index_select(0, rows["source"])
            if "source" in rows
            else self._domain_id[:0]
        )
        return Minibatch(x, y, domain_id)

    def peek(self) -> Minibatch:
        """Return the minibatch that `next` will draw, and draw nothing."""
        held = self.state()
        try:
            return self.next()
        finally:
            self.restore(held)

    def largest_feature(self) -> float:
        """Return the largest |x| of all features that are used; 0 where the examples are images."""
        return max((float(x.abs().max()) for x in self._x.values() if x.ndim == 2), default=0.0)

    def state(self) -> dict[str, Any]:
        """Return what decides the minibatches to come."""
        return {name: rows.state() for name, rows in self._rows.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()` of examples of the same parts."""
        for name, rows in self._rows.items():
            rows.restore(state[name])


def to_device(array: np.ndarray, device: torch.device) -> Tensor:
    """Copy the array to the device; images get their channels last, the layout that convolutions are fastest in."""
    tensor = torch.tensor(array, device=device)
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
