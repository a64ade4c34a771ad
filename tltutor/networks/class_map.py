"""Where in an image the network finds its answer: Grad-CAM (Selvaraju et al., 2017) on the output of the last convolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor, nn

from tltutor.networks.inference import evaluating

if TYPE_CHECKING:
    from tltutor.networks.network import Network

WHITE = 255


@dataclass(frozen=True, eq=False)
class ClassMap:
    """What speaks for a class, place by place. label: the class's number. map: (h, w) uint8, 255 where most does."""

    label: int
    map: np.ndarray


def grad_cam(maps: Tensor, gradients: Tensor) -> Tensor:
    """Return relu(sum_k alpha_k A_k) of maps A (k, h, w), alpha_k the mean of a logit's gradients (k, h, w) by them: (h, w).

    Selvaraju et al., 2017, equations 1 and 2. On a network that averages its last maps over places and puts a linear head w on
    the means, alpha_k = w_k / (h w): the class activation maps of Zhou et al., 2016.
    Errors: ValueError for other shapes.
    """
    if maps.ndim != 3 or maps.shape != gradients.shape:
        raise ValueError(
            f"maps and gradients must both be (k, h, w), got {tuple(maps.shape)} and {tuple(gradients.shape)}:"
            " give the gradient of one logit by the maps of one image"
        )
    alpha = gradients.mean((1, 2))
    return torch.einsum("k,khw->hw", alpha, maps).relu()


def class_map(
    network: Network,
    x: Tensor,
    domain: Literal["source", "target"],
    label: int | None = None,
    *,
    logits_of: Callable[[Tensor, Tensor], Tensor] = lambda _, z: z,
) -> ClassMap | None:
    """Return where image x (1, c, h, w) speaks for a class, by default for the network's own answer; the network does not change.

    logits_of: makes logits (1, classes) of features and outputs, for a task whose outputs are no logits.
    None for a network without a last convolution: no layer's output is a map, or attention mixes places after it.
    """
    if any(isinstance(module, nn.MultiheadAttention) for module in network.modules()):
        return None
    with evaluating(network), torch.inference_mode(mode=False):
        network.on(domain)
        layer = _last_with_a_map(network, x)
        if layer is None:
            return None
        maps, f, z = _from_the_map_on(network, layer, x)
        logits = logits_of(f, z)[0]
        answer = int(logits.argmax()) if label is None else label
        (gradients,) = torch.autograd.grad(logits[answer], maps)
        found = grad_cam(maps.detach()[0].float(), gradients[0].float())
    strongest = found.max().clamp_min(torch.finfo(torch.float32).tiny)
    return ClassMap(answer, (found / strongest * WHITE).round().to(torch.uint8).cpu().numpy())


def _last_with_a_map(network: Network, x: Tensor) -> nn.Module | None:
    """Return the module that is the last to put out maps (n, k, h, w) of more than one place."""
    found: list[nn.Module] = []

    def note(module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2:].numel() > 1:
            found.append(module)

    hooks = [module.register_forward_hook(note) for module in network.stages.modules()]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found[-1] if found else None


def _from_the_map_on(
    network: Network, layer: nn.Module, x: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the layer's maps (1, k, h, w), features and outputs, from which gradients lead back to the maps alone."""
    kept: list[Tensor] = []

    def begin_here(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_())
        return kept[-1].clone()  # a later layer may write in place

    hook = layer.register_forward_hook(begin_here)
    try:
        with torch.enable_grad():
            f, z = network(x)
    finally:
        hook.remove()
    return kept[-1], f, z
