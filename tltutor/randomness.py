"""Where chance comes in: seeded minibatches, and a stream of random numbers that leaves the global one untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class Shuffled:
    """Endless minibatches of row numbers 0..n-1: every epoch a new permutation, an incomplete last batch is left out."""

    def __init__(self, n: int, size: int, *, seed: int, device: torch.device) -> None:
        self.n, self.size, self.device = n, min(size, n), device
        self._rng = torch.Generator().manual_seed(seed)
        self._order, self._at = torch.empty(0, dtype=torch.int64), 0

    def next(self) -> Tensor:
        """The next batch: (size,) int64 on the device."""
        if self._at + self.size > len(self._order):
            self._order, self._at = torch.randperm(self.n, generator=self._rng).to(self.device), 0
        self._at += self.size
        return self._order[self._at - self.size : self._at]


class OwnRandomness:
    """Random numbers of one session (dropout draws from torch's global stream): apart from everybody else's."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self._devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=self._devices):
            torch.default_generator.manual_seed(seed)
            for cuda in self._devices:
                with torch.cuda.device(cuda):
                    torch.cuda.manual_seed(seed)
            self._remember()

    def _remember(self) -> None:
        self._cpu = torch.random.get_rng_state()
        self._cuda = [torch.cuda.get_rng_state(d) for d in self._devices]

    @contextmanager
    def here(self) -> Iterator[None]:
        """Inside, torch draws from the session's stream; outside, nothing has happened."""
        with torch.random.fork_rng(devices=self._devices):
            torch.random.set_rng_state(self._cpu)
            for device, state in zip(self._devices, self._cuda, strict=True):
                torch.cuda.set_rng_state(state, device)
            yield
            self._remember()
