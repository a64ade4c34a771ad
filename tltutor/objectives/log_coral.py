"""Log-CORAL (Wang et al., 2017): make covariances equal as points of their own curved space, through their logarithms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from tltutor.objectives.coral import covariance
from tltutor.objectives.objective import LAMBDA, Batch, Objective, same_width, task_loss
from tltutor.settings import Setting


class _Logarithm(torch.autograd.Function):
    """With eigenvalues e, vectors U: d log C = U (D * (U' dC U)) U', D_ij = (log e_i - log e_j) / (e_i - e_j), 1 / e_i if equal.

    torch's own derivative of the eigenvectors divides by e_i - e_j, and a batch smaller than its features has equal ones.
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
        far = (ratio - 1).abs() > torch.finfo(e.dtype).eps ** 0.5
        D = torch.where(far, ratio.log() / torch.where(far, e[:, None] - e, 1), 2 / (e[:, None] + e))
        back: Tensor = U @ (D * (U.T @ gradient @ U)) @ U.T
        return back


def matrix_log(C: Tensor) -> Tensor:
    """log C of a symmetric positive definite matrix (d, d), nan where an entry is not finite; right gradients for equal eigenvalues."""
    if not C.isfinite().all():
        return C * torch.nan
    log_C: Tensor = _Logarithm.apply(C)
    return log_C


def log_coral_distance(fs: Tensor, ft: Tensor, ridge: float) -> Tensor:
    """||log(Cs + ridge I) - log(Ct + ridge I)||_F^2 / (4 d^2) of features (n_s, d), (n_t, d) (Wang et al., 2017)."""
    same_width(fs, ft)
    d = fs.shape[1]
    floor = ridge * torch.eye(d, dtype=fs.dtype, device=fs.device)
    return (matrix_log(covariance(fs) + floor) - matrix_log(covariance(ft) + floor)).square().sum() / (4 * d**2)


class LogCORAL(Objective):
    """loss = task + lambda * log-CORAL distance. Small variances count as much as large ones: what matters is their ratio.

    The ridge keeps the logarithm finite where a batch is smaller than its features are wide. Blind to shifts of the mean.
    """

    name = "log-coral"
    title = "Log-CORAL (equal logarithms of covariances)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=100.0, high=10000.0)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("ridge", 0.01, 1e-6, 10.0, "log", symbol="ε", text="Added to each variance before the logarithm."),
    )
    ridge: float

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "log-coral": batch.weight * log_coral_distance(batch.fs, batch.ft, self.ridge)}
