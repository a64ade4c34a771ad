"""What the metrics take: arrays or tensors of rows, checked once and seen as float32 tensors where they lie."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

Array: TypeAlias = np.ndarray | Tensor


def as_rows(x: Array, name: str = "features") -> Tensor:
    """x as a detached float32 tensor (n, d) of finite numbers."""
    rows = x.detach() if isinstance(x, Tensor) else torch.as_tensor(np.array(x))
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(f"{name} must have shape (n, d) with at least one row, got {tuple(rows.shape)}")
    rows = rows.float()
    broken = ~rows.isfinite().all(1)
    if broken.any():
        raise ValueError(
            f"{name} must be finite, got NaN or infinity in {int(broken.sum())} of {len(rows)} rows: lower the learning rate"
        )
    return rows


def as_values(values: Array, n: int, name: str) -> Tensor:
    """One whole number or flag a row: (n,) int64 on the CPU."""
    one_each = torch.as_tensor(values.detach().cpu() if isinstance(values, Tensor) else np.array(values))
    if one_each.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one value a row, got {tuple(one_each.shape)}")
    return one_each.long()


def both_domains(features: Array, is_target: Array) -> tuple[Tensor, Tensor]:
    """The source's and the target's rows of features (n, d), by is_target (n,)."""
    x = as_rows(features)
    target = as_values(is_target, len(x), "is_target").bool().to(x.device)
    return x[~target], x[target]


def pooled(xs: Array, xt: Array) -> tuple[Tensor, int]:
    """Both domains' rows in one tensor, the source's first, and how many those are."""
    s, t = as_rows(xs, "xs"), as_rows(xt, "xt")
    if s.shape[1] != t.shape[1]:
        raise ValueError(f"xs and xt must have rows of one width, got {s.shape[1]} and {t.shape[1]}")
    return torch.cat([s, t.to(s.device)]), len(s)
