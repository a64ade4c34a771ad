"""Where in a network the domains separate: the domain probe on the output of each stage."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from tltutor.metrics.probe import domain_probe_accuracy, probe_folds
from tltutor.projections.checks import Array

WIDEST = 128  # columns that are probed; wider outputs are projected at random


def channel_means(h: Tensor) -> Tensor:
    """Return the mean of each channel over its places: maps (n, c, h, w) -> (n, c), tokens (n, t, d) -> (n, d); (n, d) stays as it is.

    A token whose channels are all 0 is padding and does not count.
    """
    if h.ndim == 3:
        return h.sum(1) / (h != 0).any(2).sum(1, keepdim=True).clamp(min=1)
    return h.mean(tuple(range(2, h.ndim))) if h.ndim > 3 else h


def narrowed(x: Tensor) -> Tensor:
    """Return x (n, d) with at most WIDEST columns: beyond that x R, R (d, WIDEST) of fixed numbers from N(0, 1 / WIDEST).

    Squared distances stay as they are on average (Johnson & Lindenstrauss, 1984).
    """
    d = x.shape[1]
    if d <= WIDEST:
        return x
    R = torch.randn(d, WIDEST, generator=torch.Generator().manual_seed(0)) / math.sqrt(WIDEST)
    return x @ R.to(x)


def domain_separation(
    outputs: Mapping[str, Array],
    is_target: Array,
    seed: int = 0,
    *,
    folds: np.ndarray | None = None,
) -> dict[str, float]:
    """Return the accuracy of the domain probe on each stage's output, by name: .5 is guessing, 1 is separable.

    outputs: (n, d) of each stage, in the order of the stages, all of the same points; is_target (n,). Of maps pass the
    `channel_means`. folds: the same for all stages (n,), by default the `probe_folds` of the last one: its accuracy is then
    its `domain_probe_accuracy`, if it is at most WIDEST wide. An output with NaN or infinity, or one that is too large
    to be probed, gets NaN.
    Raises ValueError if a domain has fewer than 2 points.
    """
    narrow = {name: narrowed(torch.as_tensor(h)) for name, h in outputs.items()}
    finite = {name: h for name, h in narrow.items() if bool(h.isfinite().all())}
    if finite and folds is None:
        folds = probe_folds(list(finite.values())[-1], is_target, seed)
    found = {name: _accuracy(h, is_target, seed, folds) for name, h in finite.items()}
    return {name: found.get(name, math.nan) for name in outputs}


def _accuracy(h: Tensor, is_target: Array, seed: int, folds: np.ndarray | None) -> float:
    """The probe's accuracy; NaN where the output is so large that the probe's equations have no solution in float32."""
    try:
        return domain_probe_accuracy(h, is_target, seed, folds=folds)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]  # it is there, but not exported
        return math.nan
