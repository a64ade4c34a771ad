"""Seeded weights: inside, torch draws from a stream of its own; outside, nothing has happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Weights drawn inside depend on `seed` alone, and torch's global random state stays untouched.

    Weights are drawn on the CPU. `torch.manual_seed` would also seed every GPU, so the CPU's generator is
    seeded by itself.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield
