"""Where chance comes in: seeded minibatches, and a stream of random numbers that leaves torch's global one untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from tltutor.networks.seeding import own_stream


class Shuffled:
    """Endless minibatches of row numbers 0..n-1: a new permutation in every epoch, whose incomplete last batch is dropped.

    size: rows of a batch, at most n. groups: a number for each row (n,), if the rows come group after group, in ascending
    order, and only the rows of a group are shuffled. The permutations depend on `seed` and `groups` alone.
    """

    def __init__(
        self,
        n: int,
        size: int,
        *,
        seed: int,
        device: torch.device,
        groups: Tensor | None = None,
    ) -> None:
        self.n, self.size, self.device = n, min(size, n), device
        self._groups = groups
        self._rng = torch.Generator().manual_seed(seed)
        self._order, self._at = torch.empty(0, dtype=torch.int64), 0

    def next(self) -> Tensor:
        """Draw the next batch: (size,) int64 on the device."""
        if self._at + self.size > len(self._order):
            self._order, self._at = self._permutation().to(self.device), 0
        self._at += self.size
        return self._order[self._at - self.size : self._at]

    def _permutation(self) -> Tensor:
        """Return the order of one epoch (n,)."""
        order = torch.randperm(self.n, generator=self._rng)
        if self._groups is None:
            return order
        return order[self._groups[order].argsort(stable=True)]

    def state(self) -> dict[str, Any]:
        """Return what decides the batches to come: the generator, this epoch's order and the place in it."""
        return {
            "rng": self._rng.get_state(),
            "order": self._order.to("cpu", copy=True),
            "at": self._at,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state()` of batches of equally many rows."""
        self._rng.set_state(state["rng"])
        self._order, self._at = state["order"].to(self.device, copy=True), state["at"]


class OwnRandomness:
    """The random numbers of one session, such as dropout's, kept separate from all others that torch draws."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self._devices = [device] if device.type == "cuda" else []
        with own_stream(self._devices):
            torch.default_generator.manual_seed(seed)
            for cuda in self._devices:
                with torch.cuda.device(cuda):
                    torch.cuda.manual_seed(seed)
            self._remember()

    def _remember(self) -> None:
        self._cpu = torch.random.get_rng_state()
        self._cuda = [torch.cuda.get_rng_state(d) for d in self._devices]

    def state(self) -> dict[str, Any]:
        """Return where the streams stand, the CPU's and each GPU's."""
        return {"cpu": self._cpu.clone(), "cuda": [held.clone() for held in self._cuda]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state()`."""
        self._cpu, self._cuda = state["cpu"].clone(), [held.clone() for held in state["cuda"]]

    @contextmanager
    def here(self) -> Iterator[None]:
        """Inside, torch draws from the session's stream; afterward its global stream is where it was."""
        with own_stream(self._devices):
            torch.random.set_rng_state(self._cpu)
            for device, state in zip(self._devices, self._cuda, strict=True):
                torch.cuda.set_rng_state(state, device)
            yield
            self._remember()

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Inside, torch draws the numbers that the next `here` will draw; afterward nothing has been drawn."""
        held = self.state()
        try:
            with self.here():
                yield
        finally:
            self.restore(held)
