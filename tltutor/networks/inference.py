"""Run a network without changing it: modes, statistics and random numbers are the same before and after."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import Form, as_examples
from tltutor.networks.inputs import TokenInputs

if TYPE_CHECKING:
    from tltutor.networks.network import Network

BATCH = 512  # examples per forward pass; bounds the memory of an evaluation
TEXTS = 32  # the same for texts, which are sorted by length so that little padding goes through

_turns: WeakKeyDictionary[Network, threading.RLock] = WeakKeyDictionary()
_making = threading.Lock()


def turn_of(network: Network) -> threading.RLock:
    """Return the lock that a thread holds while it trains or runs this network.

    Modes and the domain of BatchNorm are the network's own: a notebook's cell that asks a network while a board trains it would
    turn the middle of a training step into an evaluation.
    """
    with _making:
        return _turns.setdefault(network, threading.RLock())


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """Put the network into evaluation mode without gradients; restore each module's mode afterward. It waits for its turn."""
    with turn_of(network), _evaluating(network):
        yield


@contextmanager
def _evaluating(network: Network) -> Iterator[None]:
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
    network: Network, x: Tensor | np.ndarray, domain: Literal["source", "target"], *, after: int = 0
) -> tuple[Tensor, Tensor]:
    """Return features (n, d) and logits (n, k) of x (n, ...) in evaluation mode, with the domain's BatchNorm statistics.

    x: uint8 0..255 or float 0..1 images, or vectors; n may be 0; or the output of the first `after` stages for them. The
    results are on the network's device.
    """
    parameter = next(network.parameters())
    run = partial(network, after=after) if after else network
    if isinstance(network.inputs, TokenInputs) and not after and len(x) > TEXTS:
        return _by_length(
            network, torch.as_tensor(x.cpu() if isinstance(x, Tensor) else np.array(x)), domain
        )
    with evaluating(network):
        network.on(domain)
        chunks = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        done = [
            run(
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


def _by_length(
    network: Network, x: Tensor, domain: Literal["source", "target"]
) -> tuple[Tensor, Tensor]:
    """Return the `outputs` for token ids x (n, length), computed a few texts of about one length at a time."""
    order = (x != TokenInputs.PADDING).sum(1).argsort(stable=True)
    found = [outputs(network, x[rows], domain) for rows in order.split(TEXTS)]
    back = order.argsort().to(found[0][0].device)
    return torch.cat([f for f, _ in found])[back], torch.cat([z for _, z in found])[back]


def as_input(network: Network, x: Any) -> np.ndarray:
    """Return new examples (n, ...) checked for this network's shape; n may be 0. Errors: those of `as_examples`."""
    tokens = isinstance(network.inputs, TokenInputs)
    kind = "tokens" if tokens else "image" if len(network.shape) == 3 else "vector"
    return as_examples(x, what="examples", like=Form(network.shape, kind))
