"""Which channels of a trained network a task needs: how much its loss rises when one channel is set to 0 (Li et al., 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.checks import check_tensors
from tltutor.objectives.teacher import Teacher

if TYPE_CHECKING:
    from tltutor.networks import Network


def losses_without(
    network: Network, head: nn.Linear, stage: str, *, x: Tensor, y: Tensor
) -> Tensor:
    """Return the cross-entropy (c,) of the batch x, y without each of the c channels of a stage's output."""
    h: dict[str, Tensor] = {}
    network(x, h)
    names = list(network.stages)
    rest = nn.Sequential(*(network.stages[name] for name in names[names.index(stage) + 1 :]), head)
    masks = 1 - torch.eye(
        h[stage].shape[1], device=x.device
    )  # a row per channel, 0 at the channel itself
    shape = (1, -1) + (1,) * (h[stage].ndim - 2)
    return torch.stack([F.cross_entropy(rest(h[stage] * mask.view(shape)), y) for mask in masks])


def channel_weights(without: Tensor, loss: Tensor) -> Tensor:
    """Return softmax(loss without each channel - loss): (c,), sum 1. Li et al., 2019, section 3."""
    check_tensors(without=without, loss=loss)
    return (without - loss).softmax(0)


def linear_probe(f: Tensor, y: Tensor, k: int) -> nn.Linear:
    """Fit a head to features f (n, d) and labels y (n,) of k classes, with the penalty 1e-3 ||w||^2."""
    with seeded(0):
        head = nn.Linear(f.shape[1], k).to(f)
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(head(f), y) + 1e-3 * head.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return head.requires_grad_(False)


def useful_channels(start: Teacher, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Return the channel weights (c,) of each stage with maps by name; if none has maps, of each that gives vectors (n, c)."""
    network, outputs = start.require_network(), start(x, "target")
    last = list(outputs.h.values())[-1]
    head = linear_probe(last, y, len(network.class_names))
    loss = F.cross_entropy(head(last), y)
    stages = [name for name, h in outputs.h.items() if h.ndim == 4]
    stages = stages or [name for name, h in outputs.h.items() if h.ndim == 2]
    with torch.no_grad():
        return {
            name: channel_weights(losses_without(network, head, name, x=x, y=y), loss)
            for name in stages
        }
