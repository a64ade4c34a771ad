"""AdaBN (Li et al., 2016): adapt a trained network to a new domain by its BatchNorm statistics alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tltutor.networks.batchnorm import domain_layers, how_to_get_it

if TYPE_CHECKING:
    from tltutor.networks.network import Network


def adapt_batchnorm(network: Network, x: Tensor, *, first: int = 0, batch_size: int = 256) -> None:
    """Set the target's running statistics to those of all of x (n, ...), layer by layer (Li et al., 2016, algorithm 1).

    Layers are adapted in order, so that each one sees the output of adapted layers. The variance is unbiased, as torch stores it:
    1/(m - 1) over the m values of a channel. Weights and the source's statistics do not change.
    x: images or vectors on the network's device. first: stages, from the input, that keep their statistics. batch_size: examples
    per forward pass; it bounds the memory and does not change the result.
    Errors: ValueError for a network without BatchNorm, or for fewer than 2 values per channel.
    """
    if not any(domain_layers(network)):
        raise ValueError(
            f"AdaBN needs a network with BatchNorm, got {network.name} without it: {how_to_get_it(network)}"
        )
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
    """Raised at the wanted layer, to skip the rest of the forward pass."""


def _inputs_of(layer: nn.Module, stage: nn.Module, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
    """Yield the input of `layer` inside `stage` for each chunk."""
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
    """Return the mean (c,) and variance (c,) of chunks (n, c, ...) over all axes but the second.

    Chunks are combined as in Chan, Golub & LeVeque, 1979, equation 2.1.
    """
    m, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for chunk in chunks:
        values = chunk.transpose(0, 1).flatten(1)  # (c, values per channel)
        k, chunk_mean = values.shape[1], values.mean(1)
        step = chunk_mean - mean.to(chunk_mean)
        squares = (
            squares.to(chunk_mean)
            + (values - chunk_mean[:, None]).square().sum(1)
            + step.square() * (m * k / (m + k))
        )
        mean = mean.to(chunk_mean) + step * (k / (m + k))
        m += k
    if m < 2:
        raise ValueError(f"AdaBN needs at least 2 values per channel, got {m}: give more examples")
    return mean, squares / (m - 1)
