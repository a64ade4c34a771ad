"""The same step three ways: the session's, a loop written by hand, and skada's; one network, batch, optimizer and thread count.

Differences favor the others: skada gets float images, widths that need no median, and no learning-rate schedule. skada's step is measured
at its defaults, and again with the memory layout that the session gives a network (channels last).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import sklearn
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.domains import DomainPair
from tltutor.machine.bench.plain import Reverse, lenet
from tltutor.networks import build_network
from tltutor.objectives import build_objective
from tltutor.training.session import Session

BATCH, LR, MOMENTUM, ENDLESS = 64, 0.01, 0.9, 10**9
METHODS = {"dann": 1.0, "mmd": 1.0, "coral": 100.0}  # name -> lambda
Step: TypeAlias = Callable[[], Any]
Penalty: TypeAlias = Callable[[Tensor, Tensor, float], Tensor]  # of fs, ft and the progress


def ours(method: str, pair: DomainPair, batchnorm: str) -> Step:
    """Return the session's step."""
    network = build_network("lenet", pair, seed=0)
    options: dict[str, Any] = {
        "steps": 1_000_000,
        "batch_size": BATCH,
        "lr": LR,
        "device": "cpu",
        "snapshot_size": 4,
    }
    return Session(
        pair,
        network,
        build_objective(method),
        weight=METHODS[method],
        batchnorm=batchnorm,
        **options,
    ).step


def by_hand(method: str, pair: DomainPair, batchnorm: str) -> Step:
    """Return the step of a loop written by hand."""
    return partial(next, hand_steps(pair, PENALTIES[method](), jointly=batchnorm == "joint"))


def hand_steps(
    pair: DomainPair, penalty: Penalty, *, jointly: bool, total: int = ENDLESS
) -> Iterator[float]:
    """Train lenet on the CPU and yield the loss of each step; uint8 images, channels last, as in the session."""
    xs, xt = (
        torch.tensor(x).contiguous(memory_format=torch.channels_last)
        for x in (pair.source.x, pair.target.x)
    )
    ys = torch.tensor(pair.source.y)
    body, head = lenet(xs.shape[1], len(pair.class_names))
    body = body.to(memory_format=torch.channels_last)
    parts = [body, head, *([penalty] if isinstance(penalty, nn.Module) else [])]
    optimizer = torch.optim.SGD(
        [p for part in parts for p in part.parameters()], lr=LR, momentum=MOMENTUM
    )
    for step in range(total):
        p = step / total
        for group in optimizer.param_groups:
            group["lr"] = LR / (1 + 10 * p) ** 0.75
        s, t = torch.randint(len(xs), (BATCH,)), torch.randint(len(xt), (BATCH,))
        x = [(x.index_select(0, rows).float() / 255 - 0.5) / 0.5 for x, rows in ((xs, s), (xt, t))]
        fs, ft = body(torch.cat(x)).split(BATCH) if jointly else map(body, x)
        loss = F.cross_entropy(head(fs), ys[s]) + penalty(fs, ft, p)
        if jointly:
            head(ft)  # the session's and skada's steps have the target's logits as well
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        yield loss.item()


class Discriminator(nn.Module):
    """DANN's domain loss, written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 1))

    def forward(self, fs: Tensor, ft: Tensor, p: float) -> Tensor:
        logit = self.layers(
            Reverse.apply(torch.cat([fs, ft]), 2 / (1 + math.exp(-10 * p)) - 1)
        ).squeeze(1)
        return F.binary_cross_entropy_with_logits(
            logit, (torch.arange(len(logit)) >= len(fs)).float()
        )


def mmd(fs: Tensor, ft: Tensor, _p: float) -> Tensor:
    """Return the unbiased MMD^2, written by hand: three widths around the median of the pooled distances."""
    f, n = torch.cat([fs, ft]), len(fs)
    f = f - f.mean(0)
    square = (f * f).sum(1)
    d2 = (square[:, None] + square - 2 * f @ f.T).clamp_min(0)
    d2 = d2 - torch.diag(d2.diagonal())
    sigma2 = d2.detach()[torch.triu_indices(2 * n, 2 * n, 1).unbind()].median()
    k = (
        torch.exp(-2 * d2 / sigma2) + torch.exp(-d2 / (2 * sigma2)) + torch.exp(-d2 / (8 * sigma2))
    ) / 3
    kss, ktt = k[:n, :n], k[n:, n:]
    within = (kss.sum() - kss.trace() + ktt.sum() - ktt.trace()) / (n * (n - 1))
    return within - 2 * k[:n, n:].mean()


def coral(fs: Tensor, ft: Tensor, _p: float) -> Tensor:
    """Return 100 times Deep CORAL's distance, written by hand."""
    return 100 * (torch.cov(fs.T) - torch.cov(ft.T)).square().sum() / (4 * fs.shape[1] ** 2)


PENALTIES: dict[str, Callable[[], Penalty]] = {
    "dann": Discriminator,
    "mmd": lambda: mmd,
    "coral": lambda: coral,
}


class DomainClassifier(nn.Module):
    """skada's domain classifier: reversal, the same layers, and a probability, which its loss needs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 1), nn.Sigmoid())

    def forward(self, x: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        return self.layers(Reverse.apply(x, 1.0)).squeeze(1)


class Network(nn.Module):
    """The hand-written lenet in skada's form: the features are the output of `body`."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.body, self.head = lenet(channels, classes)

    def forward(self, x: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        return self.head(self.body(x))


def skada_step(method: str, pair: DomainPair, *, channels_last: bool = False) -> Step:
    """Return a step of skada's fit: a batch from its loader, and all that its loop does with it."""
    net = skada_net(method, pair).initialize()
    if channels_last:
        net.module_.to(memory_format=torch.channels_last)
    x = np.concatenate([pair.source.x, pair.target.x]).astype(np.float32) / 127.5 - 1
    y = np.concatenate([pair.source.y, np.full(len(pair.target), -1)])
    domain = np.repeat([1, -2], [len(pair.source), len(pair.target)])
    data = net.get_dataset(net._prepare_input(x, y, domain, None))  # noqa: SLF001 - as its fit does
    batches = endless(lambda: net.get_iterator(data, training=True))

    def step() -> Any:
        net.history.new_epoch()
        net.run_single_epoch(
            islice(batches, 1), training=True, prefix="train", step_fn=net.train_step
        )
        return net.history[-1]["batches"][0]

    return step


def endless(loader: Callable[[], Any]) -> Iterator[Any]:
    """Repeat the loader's epochs endlessly."""
    while True:
        yield from loader()


def skada_net(method: str, pair: DomainPair) -> Any:
    """Return skada's net of this method on the same network, with the same loss as far as skada has it."""
    with sklearn.config_context():
        from skada import deep

        sklearn.set_config(enable_metadata_routing=True)
    kinds = {
        "dann": partial(deep.DANN, domain_classifier=DomainClassifier()),
        "mmd": partial(
            deep.DAN, sigmas=[0.5, 1.0, 2.0]
        ),  # the same number of widths, without the median
        "coral": deep.DeepCoral,
    }
    options = {
        "optimizer": torch.optim.SGD,
        "optimizer__momentum": MOMENTUM,
        "lr": LR,
        "batch_size": BATCH,
        "train_split": None,
    }
    module = Network(pair.shape[0], len(pair.class_names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kinds[method](module, layer_name="body", reg=METHODS[method], verbose=0, **options)
