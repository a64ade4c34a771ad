"""Lesson 10's exercises: the witness of two samples, the biased MMD² between them, and an objective made of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise
from tltutor.lessons.playing import Played
from tltutor.objectives.kernels import gaussian_kernel
from tltutor.objectives.mmd import mmd2
from tltutor.objectives.objective import Batch, Objective, task_loss


def samples(seed: int, n_s: int, n_t: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n_s, 2, generator=rng), torch.randn(n_t, 2, generator=rng) + 0.5


def kernel(a: Tensor, b: Tensor, sigma: float) -> Tensor:
    """exp(-d^2 / (2 sigma^2)) between rows of a (n, d) and b (m, d): (n, m)."""
    return gaussian_kernel((a[:, None] - b).square().sum(2), [sigma])


def witness(places: Tensor, xs: Tensor, xt: Tensor, sigma: float) -> Tensor:
    """Mean kernel to the source minus mean kernel to the target, at places (m, d): (m,)."""
    return kernel(places, xs, sigma).mean(1) - kernel(places, xt, sigma).mean(1)


def unbiased(xs: Tensor, xt: Tensor, sigma: float) -> Tensor:
    return mmd2(xs, xt, [sigma])


def once(xs: Tensor, xt: Tensor, sigma: float) -> Tensor:
    return (
        kernel(xs, xs, sigma).mean() + kernel(xt, xt, sigma).mean() - kernel(xs, xt, sigma).mean()
    )


class MMDOf(Objective):
    """What the wrong ones share: a sum of biased MMD² with these widths, in medians."""

    name, title, terms = "own-mmd", "Own MMD", ("task", "mmd")

    def distance(self, batch: Batch, *shares: float) -> Any:
        sigma = torch.pdist(torch.cat([batch.fs, batch.ft]).detach()).median()
        widths = [(share * sigma).reshape(1) for share in shares]
        return sum(mmd2(batch.fs, batch.ft, width, "biased") for width in widths)

    def mmd(self, batch: Batch) -> Any:
        raise NotImplementedError

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "mmd": self.mmd(batch)}


class NoWeight(MMDOf):
    def mmd(self, batch: Batch) -> Any:
        return self.distance(batch, 0.5, 1, 2) / 3


class Summed(MMDOf):
    def mmd(self, batch: Batch) -> Any:
        return batch.weight * self.distance(batch, 0.5, 1, 2)


class OneWidth(MMDOf):
    def mmd(self, batch: Batch) -> Any:
        return batch.weight * self.distance(batch, 1)


PLACES = samples(2, 5, 1)[0]
CASES = [(*samples(0, 8, 6), 0.5), (*samples(1, 4, 7), 2.0)]

EXERCISES = {
    "witness": Exercise(
        oracle=witness,
        cases=[(PLACES, *case) for case in CASES],
        mistakes={
            "turned": lambda places, xs, xt, sigma: -witness(places, xs, xt, sigma),
            "square": lambda places, xs, xt, sigma: (
                kernel(places, xs, sigma).mean(1) - kernel(places, xt, sigma**0.5).mean(1)
            ),
        },
    ),
    "biased_mmd2": Exercise(
        oracle=lambda xs, xt, sigma: mmd2(xs, xt, [sigma], "biased"),
        cases=CASES,
        mistakes={"unbiased": unbiased, "once": once},
    ),
    "MyMMD": Played(
        board="mine",
        mistakes={"no-weight": NoWeight, "summed": Summed, "one-width": OneWidth},
    ),
}
