"""The domain probe: how well a linear classifier tells source from target in the features; fast enough for every snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tltutor.metrics.folds import domain_folds
from tltutor.metrics.mmd_band import BAND, check_permutations, permutation_p
from tltutor.metrics.rows import as_rows
from tltutor.projections.checks import Array, as_flags

RIDGE = 0.1  # of the variance of a standardized feature


@dataclass(frozen=True)
class Probed:
    """The probe's accuracy, the band in which it lies for domains that do not differ, and the p-value of the permutations."""

    accuracy: float
    null_low: float
    null_high: float
    p: float


def domain_probe_accuracy(
    features: Array, is_target: Array, seed: int = 0, *, folds: np.ndarray | None = None
) -> float:
    """Return the cross-validated accuracy of the probe, the mean over both domains: 0.5 is guessing, 1 is separable.

    features (n, d), is_target (n,). The probe is ridge regression on the domain labels, predicted out of fold (5 folds, both
    domains in each). Identical rows share a fold, so a domain against itself gives 0.5. Near 0.5 the domains cannot be
    told apart *by a hyperplane*, which proves no alignment of classes. Raises ValueError if a domain has fewer than 2 points.
    folds: the fold that holds out each row (n,), to compare several features of the same points; by default `probe_folds`.
    """
    return float(_probe(features, is_target, 0, seed, folds=folds)[0])


def domain_probe(
    features: Array,
    is_target: Array,
    *,
    permutations: int = 100,
    seed: int = 0,
    folds: np.ndarray | None = None,
) -> Probed:
    """Return the accuracy of domain_probe_accuracy and its null band: the middle 95 % after relabeling the points of each fold."""
    check_permutations(permutations)
    found = _probe(features, is_target, permutations, seed, folds=folds)
    low, high = torch.quantile(found[1:], torch.tensor(BAND))
    return Probed(
        float(found[0]), float(low), float(high), permutation_p(float(found[0]), found[1:])
    )


def domain_scores(features: Array, is_target: Array, seed: int = 0) -> np.ndarray:
    """Return how much the probe takes each row for the target: (n,), predicted out of fold, 0 midway between both domains.

    The largest of the target and the smallest of the source are what is most typical of the difference. Errors: as
    `domain_probe_accuracy`.
    """
    scores, _ = _fitted(features, is_target, 0, seed)
    return scores[:, 0].cpu().double().numpy()


def probe_folds(features: Array, is_target: Array, seed: int = 0) -> np.ndarray:
    """Return the fold that holds out each row (n,) when these features are probed."""
    x = as_rows(features)
    target = as_flags(is_target, len(x)).numpy()
    return domain_folds(x.cpu().numpy(), target, np.random.default_rng(seed))


def _probe(
    features: Array,
    is_target: Array,
    permutations: int,
    seed: int,
    *,
    folds: np.ndarray | None = None,
) -> Tensor:
    """Return accuracies (1 + permutations,): of the true domain labels, then of random ones."""
    score, signs = _fitted(features, is_target, permutations, seed, folds=folds)
    right = (score * signs > 0).float() + 0.5 * (score == 0)
    of_target = (right * (signs > 0)).sum(0) / (signs > 0).sum(0)
    of_source = (right * (signs < 0)).sum(0) / (signs < 0).sum(0)
    return ((of_target + of_source) / 2).cpu()


def _fitted(
    features: Array,
    is_target: Array,
    permutations: int,
    seed: int,
    *,
    folds: np.ndarray | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the scores out of fold and the domain labels as +1 and -1, both (n, 1 + permutations), the true ones first."""
    x = as_rows(features)
    target = as_flags(is_target, len(x))
    source_count, target_count = int((~target).sum()), int(target.sum())
    if min(source_count, target_count) < 2:
        raise ValueError(
            f"a domain probe needs at least 2 points of each domain, got {source_count} source and {target_count} target:"
            " draw more points"
        )
    rng = torch.Generator().manual_seed(seed)
    if folds is None:
        folds = probe_folds(x, target, seed)
    fold = torch.from_numpy(folds)
    signs = _signs(target, fold, permutations, rng).to(x)
    x = x - x.mean(0)
    x = x / x.std(0).clamp_min(torch.finfo(x.dtype).tiny)
    score = torch.empty_like(signs)
    for f in fold.unique():
        held = (fold == f).to(x.device)
        score[held] = _scores(x[~held], signs[~held], x[held])
    return score, signs


def _signs(target: Tensor, fold: Tensor, permutations: int, rng: torch.Generator) -> Tensor:
    """Return +1 for target, -1 for source: (n, 1 + permutations), the first column true, the others shuffled within each fold."""
    signs = (2.0 * target - 1)[:, None].repeat(1, 1 + permutations)
    for f in fold.unique():
        held = fold == f
        order = torch.rand(int(held.sum()), permutations, generator=rng).argsort(0)
        signs[held, 1:] = signs[held, 0][order]
    return signs


def _scores(x: Tensor, signs: Tensor, held: Tensor) -> Tensor:
    """Return scores (held, k) of ridge regression on the signs (n, k), in closed form, with 0 midway between both means."""
    center = x.mean(0)
    x, held = x - center, held - center
    gram = x.T @ x
    gram.diagonal().add_(RIDGE * len(x))
    w = torch.cholesky_solve(x.T @ (signs - signs.mean(0)), torch.linalg.cholesky(gram))  # (d, k)
    fitted = x @ w
    of_target, of_source = (signs > 0).float(), (signs < 0).float()
    border = (
        (fitted * of_target).sum(0) / of_target.sum(0)
        + (fitted * of_source).sum(0) / of_source.sum(0)
    ) / 2
    return held @ w - border
