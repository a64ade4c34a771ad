"""Draw weights from a seed without changing torch's global random state, and one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

PATIENCE = 10.0  # seconds to wait for another thread's turn; one that hangs holds nobody up longer
_turn = threading.RLock()


@contextmanager
def own_stream(devices: Sequence[torch.device] = ()) -> Iterator[None]:
    """Restore torch's global random state afterward; until then no other thread that asks so draws from it.

    torch has one stream of random numbers a process: two boards that train at once would draw each other's.
    """
    mine = _turn.acquire(timeout=PATIENCE)
    try:
        with torch.random.fork_rng(devices=list(devices)):
            yield
    finally:
        if mine:
            _turn.release()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make weights drawn inside depend on `seed` alone; restore torch's global random state afterward.

    Weights are drawn on the CPU. Only the CPU's generator is seeded: `torch.manual_seed` would seed every GPU too.
    """
    with own_stream(), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield
