"""Run a network without changing it: modes, statistics and random numbers are the same before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import Form, as_examples

if TYPE_CHECKING:
    from tltutor.networks.network import Network

BATCH = 512  # examples per forward pass; bounds the memory of an evaluation


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """Put the network into evaluation mode without gradients; restore each module's mode afterward."""
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


def outputs(
    network: Network, x: Tensor | np.ndarray, domain: Literal["source", "target"]
) -> tuple[Tensor, Tensor]:
    """Return features (n, d) and logits (n, k) of x (n, ...) in evaluation mode, with the domain's BatchNorm statistics.

    x: uint8 0..255 or float 0..1 images, or vectors; n may be 0. The results are on the network's device.
    """
    parameter = next(network.parameters())
    with evaluating(network):
        network.on(domain)
        chunks = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        done = [
            network(
                torch.as_tensor(np.array(c) if isinstance(c, np.ndarray) else c).to(
                    parameter.device
                )
            )
            for c in chunks
        ]
        if not done:
            return parameter.new_empty(0, network.feature_width), parameter.new_empty(
                0, len(network.class_names)
            )
        return torch.cat([f for f, _ in done]), torch.cat([z for _, z in done])


def as_input(network: Network, x: Any) -> np.ndarray:
    """Return new examples (n, ...) checked for this network's shape; n may be 0. Errors: those of `as_examples`."""
    kind = "image" if len(network.shape) == 3 else "vector"
    return as_examples(x, what="examples", like=Form(network.shape, kind))
