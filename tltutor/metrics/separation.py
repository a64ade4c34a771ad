"""Where in a network the domains separate: the domain probe on the output of each stage."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from tltutor.metrics.folds import domain_folds
from tltutor.metrics.probe import domain_probe_accuracy
from tltutor.metrics.rows import as_rows
from tltutor.projections.checks import Array, as_flags

WIDEST = 128  # columns that are probed; wider outputs are projected at random


def channel_means(h: Tensor) -> Tensor:
    """Return the mean of each channel over its places: (n, c, ...) -> (n, c); (n, d) stays as it is."""
    return h.flatten(2).mean(2) if h.ndim > 2 else h


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
    outputs: Mapping[str, Array], is_target: Array, seed: int = 0
) -> dict[str, float]:
    """Return the accuracy of the domain probe on each stage's output, by name: .5 is guessing, 1 is separable.

    outputs: (n, d) of each stage, in the order of the stages, all of the same points; is_target (n,). Of maps pass the
    `channel_means`. All stages are probed with the same folds, in which points that are equal in the last stage stay
    together. The last stage's accuracy is `domain_probe_accuracy` of its output, if that is at most WIDEST wide. An output
    with NaN or infinity gets NaN. Raises ValueError if a domain has fewer than 2 points.
    """
    narrow = {name: narrowed(torch.as_tensor(h)) for name, h in outputs.items()}
    finite = {name: h for name, h in narrow.items() if bool(h.isfinite().all())}
    if not finite:
        return dict.fromkeys(outputs, math.nan)
    last = as_rows(list(finite.values())[-1])
    target = as_flags(is_target, len(last)).numpy()
    folds = domain_folds(last.cpu().numpy(), target, np.random.default_rng(seed))
    found = {
        name: domain_probe_accuracy(h, target, seed, folds=folds) for name, h in finite.items()
    }
    return {name: found.get(name, math.nan) for name in outputs}
