"""AdaBN (Li et al., 2016): a trained network meets a new domain by nothing but its BatchNorm statistics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tltutor.networks.batchnorm import domain_layers

if TYPE_CHECKING:
    from tltutor.networks.network import Network


def adapt_batchnorm(network: Network, x: Tensor, *, first: int = 0, batch_size: int = 256) -> None:
    """Set the target's running statistics to those of all of x (n, ...), layer by layer (Li et al., 2016, algorithm 1).

    Every layer sees x through the layers before it as they are after their own adaptation. The variance is the one with
    1/(m - 1), as torch keeps it, over the m values of a channel. No weight changes, nor do the source's statistics.
    x lies on the network's device; the `first` stages keep their statistics; `batch_size` only bounds the memory.
    """
    if not any(domain_layers(network)):
        raise ValueError(f"AdaBN needs a network with BatchNorm, got {network.name} without: build it with batchnorm=True")
    with _evaluating_on_target(network), torch.no_grad():
        chunks = [network.inputs(chunk) for chunk in torch.split(x, batch_size)]
        for i, stage in enumerate(network.stages.values()):
            for layer in domain_layers(stage) if i >= first else ():
                mean, var = _mean_and_variance(_inputs_of(layer, stage, chunks))
                layer.target_mean.copy_(mean)
                layer.target_var.copy_(var)
            chunks = [stage(chunk) for chunk in chunks]


@contextlib.contextmanager
def _evaluating_on_target(network: Network) -> Iterator[None]:
    domain, modes = network.domain, [(module, module.training) for module in network.modules()]
    for module, _ in modes:
        module.training = False
    network.on("target")
    try:
        yield
    finally:
        network.on(domain)
        for module, training in modes:
            module.training = training


class _ReachedError(Exception):
    """The forward pass came to the layer that was waited for; the rest of it is not needed."""


def _inputs_of(layer: nn.Module, stage: nn.Module, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
    """What comes to `layer` inside `stage` when the chunks go through, one after the other."""
    caught: list[Tensor] = []

    def catch(_: nn.Module, args: tuple[Tensor, ...]) -> None:
        caught.append(args[0])
        raise _ReachedError

    hook = layer.register_forward_pre_hook(catch)
    try:
        for chunk in chunks:
            with contextlib.suppress(_ReachedError):
                stage(chunk)
            yield caught.pop()
    finally:
        hook.remove()


def _mean_and_variance(chunks: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean (c,) and variance (c,) over all axes but the second of the chunks (n, c, ...).

    Chunks are joined as in Chan, Golub & LeVeque, 1979, equation 2.1.
    """
    m, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for chunk in chunks:
        values = chunk.transpose(0, 1).flatten(1)  # (c, values a channel)
        k, here = values.shape[1], values.mean(1)
        step = here - mean.to(here)
        squares = squares.to(here) + (values - here[:, None]).square().sum(1) + step.square() * (m * k / (m + k))
        mean = mean.to(here) + step * (k / (m + k))
        m += k
    if m < 2:
        raise ValueError(f"AdaBN needs at least 2 values a channel, got {m}: give more examples")
    return mean, squares / (m - 1)
