"""The domain probe: how well a linear classifier tells source from target in the features; fast enough for every look."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tltutor.metrics.mmd_null import BAND
from tltutor.metrics.rows import Array, as_rows, as_values

FOLDS = 5
RIDGE = 0.1  # of the variance of a standardised feature


@dataclass(frozen=True)
class Probed:
    """The probe's accuracy, and the band in which it lies for domains that are alike."""

    accuracy: float
    null_low: float
    null_high: float


def domain_probe_accuracy(features: Array, is_target: Array, seed: int = 0) -> float:
    """Cross-validated accuracy of the probe, the mean of both domains': 0.5 is guessing, whatever their sizes; 1 is apart.

    features (n, d), is_target (n,). Near 0.5 the domains cannot be told apart *by a line*: it proves no alignment of classes.
    """
    return float(_probe(features, is_target, 0, seed)[0])


def domain_probe(features: Array, is_target: Array, *, permutations: int = 100, seed: int = 0) -> Probed:
    """The accuracy with its null band: the middle 95 % of it after relabelling the points of each fold at random."""
    found = _probe(features, is_target, permutations, seed)
    low, high = torch.quantile(found[1:], torch.tensor(BAND))
    return Probed(float(found[0]), float(low), float(high))


def _probe(features: Array, is_target: Array, permutations: int, seed: int) -> Tensor:
    """Accuracies (1 + permutations,): of the true labels, then of random ones."""
    x = as_rows(features)
    target = as_values(is_target, len(x), "is_target").bool()
    rng = torch.Generator().manual_seed(seed)
    fold = _stratified_folds(target, rng)
    signs = _signs(target, fold, permutations, rng).to(x)
    x = (x - x.mean(0)) / x.std(0).clamp_min(1e-12)
    score = torch.empty_like(signs)
    for f in fold.unique():
        held = (fold == f).to(x.device)
        score[held] = _scores(x[~held], signs[~held], x[held])
    right = (score * signs > 0).float() + 0.5 * (score == 0)
    of_target = (right * (signs > 0)).sum(0) / (signs > 0).sum(0)
    of_source = (right * (signs < 0)).sum(0) / (signs < 0).sum(0)
    return ((of_target + of_source) / 2).cpu()


def _stratified_folds(target: Tensor, rng: torch.Generator) -> Tensor:
    """Which fold each point is held out in: (n,), each domain spread evenly."""
    counts = (int((~target).sum()), int(target.sum()))
    if min(counts) < 2:
        raise ValueError(f"a domain probe needs at least 2 points of each domain, got {counts[0]} source and {counts[1]} target")
    fold = torch.empty(len(target), dtype=torch.int64)
    for domain, n in zip((~target, target), counts, strict=True):
        fold[domain] = (torch.arange(n) % min(FOLDS, *counts))[torch.randperm(n, generator=rng)]
    return fold


def _signs(target: Tensor, fold: Tensor, permutations: int, rng: torch.Generator) -> Tensor:
    """+1 for target, -1 for source: (n, 1 + permutations), the first column true, the others shuffled inside each fold."""
    signs = (2.0 * target - 1)[:, None].repeat(1, 1 + permutations)
    for f in fold.unique():
        held = fold == f
        order = torch.rand(int(held.sum()), permutations, generator=rng).argsort(0)
        signs[held, 1:] = signs[held, 0][order]
    return signs


def _scores(x: Tensor, signs: Tensor, held: Tensor) -> Tensor:
    """Ridge regression on the signs (n, k) in closed form, the border midway between both means: scores (held, k)."""
    centre = x.mean(0)
    x, held = x - centre, held - centre
    gram = x.T @ x
    gram.diagonal().add_(RIDGE * len(x))
    w = torch.cholesky_solve(x.T @ (signs - signs.mean(0)), torch.linalg.cholesky(gram))  # (d, k)
    fitted = x @ w
    of_target, of_source = (signs > 0).float(), (signs < 0).float()
    border = ((fitted * of_target).sum(0) / of_target.sum(0) + (fitted * of_source).sum(0) / of_source.sum(0)) / 2
    return held @ w - border
