"""Log-CORAL (Wang et al., 2017): make the matrix logarithms of the covariances equal, a distance on their curved space."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.coral import covariance
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting


class _Logarithm(torch.autograd.Function):
    """With eigenvalues e and vectors U: d log C = U (D * (U' dC U)) U', D_ij = (log e_i - log e_j) / (e_i - e_j).

    D_ij is 1 / e_i for equal eigenvalues. torch's own derivative divides by e_i - e_j, and the covariance of a batch
    that is smaller than its features are wide has equal eigenvalues.
    """

    @staticmethod
    def forward(ctx: Any, C: Tensor) -> Tensor:
        e, U = torch.linalg.eigh(C)
        e = e.clamp_min(torch.finfo(e.dtype).eps * e.max())
        ctx.save_for_backward(e, U)
        log_C: Tensor = (U * e.log()) @ U.T
        return log_C

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        e, U = ctx.saved_tensors
        ratio = e[:, None] / e
        differ = (ratio - 1).abs() > torch.finfo(e.dtype).eps ** 0.5
        D = torch.where(
            differ, ratio.log() / torch.where(differ, e[:, None] - e, 1), 2 / (e[:, None] + e)
        )
        gradient_C: Tensor = U @ (D * (U.T @ gradient @ U)) @ U.T
        return gradient_C


def matrix_log(C: Tensor) -> Tensor:
    """Return log C of a symmetric positive definite matrix C (d, d), with right gradients for equal eigenvalues.

    The result is nan if an entry of C is not finite.
    """
    check_features(C=C)
    if not C.isfinite().all():
        return C * torch.nan
    log_C: Tensor = _Logarithm.apply(C)
    return log_C


def log_coral_distance(fs: Tensor, ft: Tensor, ridge: float) -> Tensor:
    """Return ||log(Cs + ridge I) - log(Ct + ridge I)||_F^2 / (4 d^2) of features fs (n_s, d) and ft (n_t, d).

    Wang et al., 2017. Raises a TypeError or ValueError for other inputs and for fewer than 2 examples.
    """
    check_features(fs=fs, ft=ft)
    d = fs.shape[1]
    floor = ridge * torch.eye(d, dtype=fs.dtype, device=fs.device)
    return (
        matrix_log(covariance(fs) + floor) - matrix_log(covariance(ft) + floor)
    ).square().sum() / (4 * d**2)


class LogCORAL(Objective):
    """loss = task + lambda * log-CORAL distance. Small variances count as much as large ones: their ratio matters.

    The ridge keeps the logarithm finite if a batch is smaller than its features are wide. It ignores shifts of the
    mean.
    """

    name = "log-coral"
    title = "Log-CORAL (equal logarithms of covariances)"
    terms = ("task", "log-coral")
    family = "discrepancy"
    year = 2017
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=10000.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "ridge",
            0.01,
            1e-6,
            10.0,
            "log",
            symbol="ε",
            text="Added to each variance before the logarithm.",
        ),
    )
    ridge: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        distance = log_coral_distance(batch.fs, batch.ft, self.ridge)
        return {"task": task_loss(batch), "log-coral": batch.weight * distance}
