"""The examples of a run: on the device once, and drawn from there in seeded minibatches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import one_dtype
from tltutor.training.augment import Augment
from tltutor.training.options import Augmentation, TargetOrder
from tltutor.training.randomness import Shuffled

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.training.prefix import Prefix


@dataclass(frozen=True, eq=False)
class Minibatch:
    """The examples of one step: inputs x by "source", "target" and "labeled", labels y of all but the target, domain ids (n_s,).

    early: the outputs of the network's first `after` stages for x, where these are kept (`tltutor.training.prefix`).
    """

    x: Mapping[str, Tensor]
    y: Mapping[str, Tensor]
    domain_id: Tensor
    early: Mapping[str, Tensor] = field(default_factory=dict)
    after: int = 0

    def first(self, n: int) -> Minibatch:
        """Return the first n examples of every part."""
        x, y, early = (
            {name: rows[:n] for name, rows in part.items()} for part in (self.x, self.y, self.early)
        )
        return Minibatch(x, y, self.domain_id[:n], early, self.after)


class Examples:
    """The training parts of a pair that are used, on the device; of the unlabeled target only the inputs.

    names: which of "source", "target" and "labeled" are used. seeds: one a part, for its order.
    x: the inputs of each part (n, ...). prefix: keeps what frozen stages make of them; None: nobody does.
    target_order: "by-class" sorts the target's stream by its true labels, which decide nothing but this order.
    augment: the views that are drawn of the inputs (`tltutor.training.augment`).
    """

    def __init__(
        self,
        pair: DomainPair,
        names: frozenset[str],
        batch_size: int,
        *,
        seeds: Mapping[str, int],
        device: torch.device,
        target_order: TargetOrder = "shuffled",
        augment: Augmentation = "none",
    ) -> None:
        parts = {"source": pair.source, "target": pair.target, "labeled": pair.target_labeled}
        used = {name: part for name, part in parts.items() if part is not None and name in names}
        inputs = dict(zip(used, one_dtype(*(part.x for part in used.values())), strict=True))
        self.x = {name: to_device(x, device) for name, x in inputs.items()}
        self._y = {
            name: to_device(part.y, device)
            for name, part in used.items()
            if part.y is not None and name != "target"
        }
        domain_id = pair.source.domain_id
        self._domain_id = to_device(
            np.zeros(len(pair.source), np.int64) if domain_id is None else domain_id, device
        )
        self.prefix: Prefix | None = None
        self._augment = Augment(augment, seed=sum(seeds.values()))
        groups = {"target": torch.tensor(pair.target.y)} if target_order == "by-class" else {}
        self._rows = {
            name: Shuffled(
                len(x), batch_size, seed=seeds[name], device=device, groups=groups.get(name)
            )
            for name, x in self.x.items()
        }
        self._path = _domains_of_target(pair) if "target" in used else ()
        for place, members in enumerate(self._path):
            self._rows[f"target {place}"] = Shuffled(
                len(members), batch_size, seed=seeds["target"] + 1 + place, device=device
            )

    def next(self, target_domain: int | None = None) -> Minibatch:
        """Draw the next minibatch of every part. target_domain: the number of the target's domain to draw from, None for all."""
        rows = {name: self._rows[name].next() for name in self.x}
        if target_domain is not None and self._path:
            place = self._rows[f"target {target_domain}"].next()
            rows["target"] = to_device(self._path[target_domain], place.device)[place]
        x = {name: self._augment(data.index_select(0, rows[name])) for name, data in self.x.items()}
        y = {name: labels.index_select(0, rows[name]) for name, labels in self._y.items()}
        domain_id = (
            self._domain_id.index_select(0, rows["source"])
            if "source" in rows
            else self._domain_id[:0]
        )
        prefix = self.prefix
        if prefix is None or not prefix.depth:
            return Minibatch(x, y, domain_id)
        early = {name: prefix.take(name, rows[name]) for name in x}
        return Minibatch(x, y, domain_id, early, prefix.depth)

    def peek(self, target_domain: int | None = None) -> Minibatch:
        """Return the minibatch that `next` will draw, and draw nothing."""
        held = self.state()
        try:
            return self.next(target_domain)
        finally:
            self.restore(held)

    def largest_feature(self) -> float:
        """Return the largest |x| of all features that are used; 0 where the examples are images or token ids."""
        features = (x for x in self.x.values() if x.ndim == 2 and x.is_floating_point())
        return max((float(x.abs().max()) for x in features), default=0.0)

    def state(self) -> dict[str, Any]:
        """Return what decides the minibatches to come."""
        rows = {name: rows.state() for name, rows in self._rows.items()}
        return {**rows, "augment": self._augment.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()` of examples of the same parts."""
        for name, rows in self._rows.items():
            rows.restore(state[name])
        self._augment.restore(state["augment"])


def _domains_of_target(pair: DomainPair) -> tuple[np.ndarray, ...]:
    """Return the rows of each domain that the target was joined of, in the order of their numbers; none where it is one domain."""
    ids = pair.target.domain_id
    return () if ids is None else tuple(np.flatnonzero(ids == i) for i in range(ids.max() + 1))


def to_device(array: np.ndarray, device: torch.device) -> Tensor:
    """Copy the array to the device; images get their channels last, the layout that convolutions are fastest in."""
    tensor = torch.tensor(array, device=device)
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
