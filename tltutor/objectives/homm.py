"""HoMM (Chen et al., 2020): higher-order moment matching; products of random features have equal means in both domains."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def moment_entries(f: Tensor, index: Tensor) -> Tensor:
    """Return entries (N,) of the moment tensor: entry e is the mean over i of prod_a f[i, index[e, a]].

    f: features (n, d); index: features of each product, int64 (N, order).
    """
    check_features(f=f)
    if not isinstance(index, Tensor):
        raise TypeError(
            f"index must be a tensor (N, order) of int64, got {type(index).__name__}: torch.tensor(index)"
        )
    products = torch.ones_like(f[:, :1])
    for column in index.T:
        products = products * f.index_select(1, column)  # (n, N)
    return products.mean(0)


def moment_difference(fs: Tensor, ft: Tensor, index: Tensor) -> Tensor:
    """Return the mean over N entries of (moment of fs - moment of ft)^2, features (n_s, d) and (n_t, d).

    Chen et al., 2020, random sampling matching. index: see `moment_entries`.
    """
    check_features(fs=fs, ft=ft)
    return (moment_entries(fs, index) - moment_entries(ft, index)).square().mean()


def bounded(f: Tensor) -> Tensor:
    """Return tanh(f) less its mean, of features f (n, d), as in the authors' code.

    Products of unbounded features (a ReLU's) would be 0 or huge.
    """
    check_features(f=f)
    g = torch.tanh(f)
    return g - g.mean(0)


class HoMM(Objective):
    """loss = task + lambda * moment_difference(bounded fs, bounded ft) on entries that are redrawn in each step.

    Order 3 and lambda 10^4 are the paper's. The authors' code has 300 000 entries; a sample has the same mean.
    """

    name = "homm"
    title = "HoMM (equal higher-order moments)"
    terms = ("task", "homm")
    family = "discrepancy"
    year = 2020
    weight: ClassVar[Setting] = replace(LAMBDA, default=10000.0, high=1000000.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "order",
            3,
            2,
            6,
            "int",
            symbol="p",
            text="How many features are multiplied; 2 compares covariances.",
        ),
        Setting(
            "entries",
            2000,
            1,
            300_000,
            "int",
            symbol="N",
            text="Random entries of the moment tensor in each step.",
        ),
    )
    order: int
    entries: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        fs, ft = bounded(batch.fs), bounded(batch.ft)
        index = torch.randint(fs.shape[1], (self.entries, self.order), device=fs.device)
        return {"task": task_loss(batch), "homm": batch.weight * moment_difference(fs, ft, index)}
