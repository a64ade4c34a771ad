"""The reference for `Session`: DANN written by hand in plain PyTorch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from tltutor.domains import DomainPair


class Reverse(torch.autograd.Function):
    """Identity forward, -weight * gradient backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradient, None


def lenet(channels: int, classes: int) -> tuple[nn.Sequential, nn.Linear]:
    """Return body and head of DANN's digits network with BatchNorm, for 28 x 28 images."""
    body = nn.Sequential(
        *(nn.Conv2d(channels, 32, 5), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 48, 5), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(768, 100), nn.BatchNorm1d(100), nn.ReLU()),
        *(nn.Linear(100, 100), nn.ReLU()),
    )
    return body, nn.Linear(100, classes)


def steps(pair: DomainPair, *, batch_size: int, total: int, lr: float = 0.01) -> Iterator[float]:
    """Train on the CPU and yield the loss of each step: images (n, c, 28, 28) uint8, channels last, as in the session."""
    xs, xt = (
        torch.tensor(x).contiguous(memory_format=torch.channels_last)
        for x in (pair.source.x, pair.target.x)
    )
    ys = torch.tensor(pair.source.y)
    body, head = lenet(xs.shape[1], len(pair.class_names))
    body = body.to(memory_format=torch.channels_last)
    discriminator = nn.Sequential(nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 1))
    parameters = [*body.parameters(), *head.parameters(), *discriminator.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=lr, momentum=0.9)
    is_target = torch.arange(2 * batch_size) >= batch_size
    for step in range(total):
        p = step / total
        for group in optimizer.param_groups:
            group["lr"] = lr / (1 + 10 * p) ** 0.75
        s, t = torch.randint(len(xs), (batch_size,)), torch.randint(len(xt), (batch_size,))
        fs, ft = (
            body((x.index_select(0, rows).float() / 255 - 0.5) / 0.5)
            for x, rows in ((xs, s), (xt, t))
        )
        logit = discriminator(
            Reverse.apply(torch.cat([fs, ft]), 2 / (1 + math.exp(-10 * p)) - 1)
        ).squeeze(1)
        domain = F.binary_cross_entropy_with_logits(logit, is_target.float())
        loss = F.cross_entropy(head(fs), ys[s]) + domain
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        yield loss.item()
