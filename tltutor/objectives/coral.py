"""Deep CORAL (Sun & Saenko, 2016): make the covariances of source and target features equal."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from torch import Tensor

from tltutor.objectives.objective import LAMBDA, Batch, Objective, same_width, task_loss
from tltutor.settings import Setting


def covariance(f: Tensor) -> Tensor:
    """C = (f - mean)' (f - mean) / (n - 1), of f (n, d): (d, d)."""
    if len(f) < 2:
        raise ValueError(f"a covariance needs at least 2 examples, got {len(f)}: give more, or take a larger batch")
    centred = f - f.mean(0)
    return centred.T @ centred / (len(f) - 1)


def coral_distance(fs: Tensor, ft: Tensor) -> Tensor:
    """||Cs - Ct||_F^2 / (4 d^2) (Sun & Saenko, 2016, eq. 1) of features (n_s, d) and (n_t, d)."""
    same_width(fs, ft)
    d = fs.shape[1]
    return (covariance(fs) - covariance(ft)).square().sum() / (4 * d**2)


class CORAL(Objective):
    """loss = task + lambda * ||Cs - Ct||_F^2 / (4 d^2). Blind to shifts of the mean: it sees second moments only."""

    name = "coral"
    title = "Deep CORAL (equal covariances)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=10000.0)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "coral": batch.weight * coral_distance(batch.fs, batch.ft)}
