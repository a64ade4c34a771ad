"""Run a network without touching it: modes, statistics and random numbers are the same afterwards as before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from tltutor.networks.network import Network

BATCH = 512  # examples of one forward pass; bounds the memory of an evaluation


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """Inside, the network is in evaluation mode and records no gradient; outside, each module is as it was."""
    modes = [(module, module.training) for module in network.modules()]
    domain = network.domain
    for module, _ in modes:
        module.training = False
    try:
        with torch.inference_mode():
            yield
    finally:
        network.on(domain)
        for module, training in modes:
            module.training = training


def outputs(network: Network, x: Tensor | np.ndarray, domain: Literal["source", "target"]) -> tuple[Tensor, Tensor]:
    """Features (n, d) and logits (n, k) of x in evaluation mode, with the domain's BatchNorm statistics, batch by batch."""
    device = next(network.parameters()).device
    with evaluating(network):
        network.on(domain)
        chunks = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        done = [network(torch.as_tensor(np.array(c) if isinstance(c, np.ndarray) else c).to(device)) for c in chunks]
        return torch.cat([f for f, _ in done]), torch.cat([z for _, z in done])
