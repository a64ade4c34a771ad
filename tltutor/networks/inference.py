"""Run a network without touching it: modes, statistics and random numbers are the same afterwards as before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from tltutor.networks.network import Network

BATCH = 512  # examples of one forward pass; bounds the memory of an evaluation
WHITE = 255  # of an image in whole numbers


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
    """Return features (n, d) and logits (n, k) of x (n, ...) in evaluation mode, with the domain's BatchNorm statistics."""
    parameter = next(network.parameters())
    with evaluating(network):
        network.on(domain)
        chunks = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        done = [network(torch.as_tensor(np.array(c) if isinstance(c, np.ndarray) else c).to(parameter.device)) for c in chunks]
        if not done:
            return parameter.new_empty(0, network.feature_width), parameter.new_empty(0, len(network.class_names))
        return torch.cat([f for f, _ in done]), torch.cat([z for _, z in done])


def as_input(network: Network, x: Any) -> np.ndarray:
    """Check new examples for this network: images (n, c, h, w), uint8 or floats in 0..1, or vectors (n, d); n may be 0.

    Other whole numbers in 0..255 are taken as uint8. Errors: TypeError for what holds no numbers; ValueError for NaN,
    infinity, and images on another scale, with the remedy.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"examples must be numbers, got dtype {array.dtype}: convert them, for example with x.astype(float)")
    if not np.isfinite(array).all():
        broken = int(np.count_nonzero(~np.isfinite(array)))
        raise ValueError(f"examples must be finite, got NaN or infinity in {broken} places: remove or impute them")
    if len(network.shape) != 3 or array.dtype == np.uint8 or not array.size:
        return array
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind in "iu" and low >= 0 and 1 < high <= WHITE:
        return array.astype(np.uint8)
    if low < 0 or high > 1:
        remedy = "undo the normalization with x * std + mean" if low < 0 else "divide by 255 or pass uint8"
        raise ValueError(f"float images must lie in 0..1, got {low:g}..{high:g}: {remedy}")
    return array
