"""Which channels of a trained network a task needs: what its loss rises by when one of them is silent (Li et al., 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.seeding import seeded
from tltutor.objectives.teacher import Teacher

if TYPE_CHECKING:
    from tltutor.networks import Network


def losses_without(network: Network, head: nn.Linear, stage: str, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy (c,) of the batch x, y when one channel of the stage's output is set to 0, for each of its c channels."""
    (x, y), h = batch, dict[str, Tensor]()
    network(x, h)
    names = list(network.stages)
    rest = nn.Sequential(*(network.stages[name] for name in names[names.index(stage) + 1 :]), head)
    keep = 1 - torch.eye(h[stage].shape[1], device=x.device)
    shape = (1, -1) + (1,) * (h[stage].ndim - 2)
    return torch.stack([F.cross_entropy(rest(h[stage] * row.view(shape)), y) for row in keep])


def channel_weights(without: Tensor, loss: Tensor) -> Tensor:
    """softmax(loss without the channel - loss): (c,), their sum is 1 (Li et al., 2019, section 3)."""
    return (without - loss).softmax(0)


def linear_probe(f: Tensor, y: Tensor, k: int) -> nn.Linear:
    """The head that fits features f (n, d) to classes y of 0..k-1 best, with a small penalty (1e-3 ||w||^2)."""
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


def useful_channels(start: Teacher, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """The weight of each channel of each stage that has maps, or of each stage where none has, by the stage's name."""
    (x, y), network = batch, start.met()
    seen = start(x, "target")
    last = list(seen.h.values())[-1]
    head = linear_probe(last, y, len(network.class_names))
    loss = F.cross_entropy(head(last), y)
    stages = [name for name, h in seen.h.items() if h.ndim == 4] or list(seen.h)
    with torch.no_grad():
        return {name: channel_weights(losses_without(network, head, name, batch), loss) for name in stages}
