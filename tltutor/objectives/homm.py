"""HoMM (Chen et al., 2020): higher-order moment matching; products of three features agree on average, for random triples."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def moment_entries(f: Tensor, index: Tensor) -> Tensor:
    """Entries of the moment tensor: mean over i of prod_a f[i, index[e, a]], features (n, d), index (N, order): (N,)."""
    products = torch.ones_like(f[:, :1])
    for column in index.T:
        products = products * f.index_select(1, column)  # (n, N)
    return products.mean(0)


def moment_difference(fs: Tensor, ft: Tensor, index: Tensor) -> Tensor:
    """Mean over the N entries of (moment of s - moment of t)^2 (Chen et al., 2020, random sampling matching)."""
    return (moment_entries(fs, index) - moment_entries(ft, index)).square().mean()


def bounded(f: Tensor) -> Tensor:
    """tanh of the features, less its mean: as in the authors' code, whose products would be 0 or huge for a ReLU's features."""
    g = torch.tanh(f)
    return g - g.mean(0)


class HoMM(Objective):
    """loss = task + lambda * moment_difference(bounded fs, bounded ft) on entries drawn anew each step.

    Order 3, lambda 10^4 as in the paper; 2000 entries where the authors' code has 300 000, of which a sample tells the same
    on average.
    """

    name = "homm"
    title = "HoMM (equal higher-order moments)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=10000.0, high=1000000.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("order", 3, 2, 6, "int", symbol="p", text="How many features are multiplied; 2 compares covariances."),
        Setting("entries", 2000, 1, 300_000, "int", symbol="N", text="Random entries of the moment tensor in each step."),
    )
    order: int
    entries: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        fs, ft = bounded(batch.fs), bounded(batch.ft)
        index = torch.randint(fs.shape[1], (self.entries, self.order), device=fs.device)
        return {"task": task_loss(batch), "homm": batch.weight * moment_difference(fs, ft, index)}
