"""Lesson 03's exercises: the share of neighbors that a map preserves, and the label agreement of nearest neighbors."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.metrics import knn_label_agreement


def samples(seed: int, n: int) -> tuple[Tensor, Tensor]:
    """Features (n, 4) with labels (n,) of three classes."""
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, 4, generator=rng), torch.randint(3, (n,), generator=rng)


def kept(x: Tensor, xy: Tensor, k: int) -> float:
    """Of each point's k nearest, the share that are among its k nearest on the map."""
    order, on_map = (torch.cdist(p, p).fill_diagonal_(torch.inf).argsort(1)[:, :k] for p in (x, xy))
    return float((order[:, :, None] == on_map[:, None]).sum() / (len(x) * k))


def counting_itself(x: Tensor, xy: Tensor, k: int) -> float:
    order, on_map = (torch.cdist(p, p).fill_diagonal_(0).argsort(1)[:, :k] for p in (x, xy))
    return float((order[:, :, None] == on_map[:, None]).sum() / (len(x) * k))


def agreement(fs: Tensor, ys: Tensor, ft: Tensor, yt: Tensor) -> float:
    is_target = torch.cat([torch.zeros(len(fs)), torch.ones(len(ft))]).bool()
    return knn_label_agreement(torch.cat([fs, ft]), torch.cat([ys, yt]), is_target, k=1)


def turned(fs: Tensor, ys: Tensor, ft: Tensor, yt: Tensor) -> float:
    return agreement(ft, yt, fs, ys)


EXERCISES = {
    "kept": Exercise(
        oracle=kept,
        cases=[
            (samples(0, 30)[0], samples(0, 30)[0][:, :2], 5),
            (samples(1, 12)[0], samples(2, 12)[0][:, :2], 3),
        ],
        mistakes={"self": counting_itself, "count": lambda x, xy, k: k * kept(x, xy, k)},
    ),
    "agreement": Exercise(
        oracle=agreement,
        cases=[(*samples(0, 20), *samples(1, 15)), (*samples(2, 9), *samples(3, 30))],
        mistakes={"turned": turned},
    ),
}
