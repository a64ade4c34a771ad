"""Deep CORAL (Sun & Saenko, 2016): make the covariances of source and target features equal."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


def covariance(f: Tensor) -> Tensor:
    """Return C = (f - mean)' (f - mean) / (n - 1) of features f (n, d): (d, d). Raises a ValueError for n < 2."""
    check_features(f=f)
    if len(f) < 2:
        raise ValueError(
            f"a covariance needs at least 2 examples, got {len(f)}: give more, or take a larger batch"
        )
    centered = f - f.mean(0)
    return centered.T @ centered / (len(f) - 1)


def coral_distance(fs: Tensor, ft: Tensor) -> Tensor:
    """Return ||Cs - Ct||_F^2 / (4 d^2) of features fs (n_s, d) and ft (n_t, d), with covariances Cs and Ct.

    Sun & Saenko, 2016, eq. 1. Raises a TypeError or ValueError for other inputs and for fewer than 2 examples.
    """
    check_features(fs=fs, ft=ft)
    d = fs.shape[1]
    return (covariance(fs) - covariance(ft)).square().sum() / (4 * d**2)


class CORAL(Objective):
    """loss = task + lambda * ||Cs - Ct||_F^2 / (4 d^2). It ignores shifts of the mean: it sees second moments only."""

    name = "coral"
    title = "Deep CORAL (equal covariances)"
    terms = ("task", "coral")
    family = "discrepancy"
    year = 2016
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=10000.0)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {
            "task": task_loss(batch),
            "coral": batch.weight * coral_distance(batch.fs, batch.ft),
        }
