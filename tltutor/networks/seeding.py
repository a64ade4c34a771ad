"""Draw weights from a seed without changing torch's global random state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make weights drawn inside depend on `seed` alone; restore torch's global random state afterward.

    Weights are drawn on the CPU. Only the CPU's generator is seeded: `torch.manual_seed` would seed every GPU too.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield
