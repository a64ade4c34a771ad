"""LogME (You et al., 2021): how likely are the labels under a Bayesian linear model of the features, at its best prior?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tltutor.language import mark
from tltutor.metrics.score import Score
from tltutor.metrics.transferability.labeled import labeled_features
from tltutor.projections.checks import Array

RATIOS = np.logspace(-8, 8, 65)  # alpha / beta, in units of the mean eigenvalue of F'F
GOLDEN = (5**0.5 - 1) / 2
STEPS = 40  # of the golden-section search: the bracket shrinks to 1e-8 of its width


def logme(target_features: Array, target_labels: Array) -> float:
    """Return the largest log evidence per example of each class against the others, in nats, as a mean over classes.

    target_features F (n, d), target_labels (n,), -1 for none. For one class y in {0, 1}^n: y ~ N(0, I / beta + F F' / alpha),
    maximized over alpha (of the weights) and beta (of the noise). For a given ratio alpha / beta the best beta has a closed
    form, so that only the ratio is searched, between 1e-8 and 1e8 times the mean eigenvalue of F'F: labels that the features
    give without any error get a finite score too. Rotating or scaling F changes nothing. Raises ValueError for NaN and
    fewer than two classes. (You et al., 2021, eq. 2 and algorithm 1, which finds the same maximum by iteration.)
    """
    x, y = labeled_features(target_features, target_labels)
    n, one_hot = len(y), np.eye(y.max() + 1)[y]
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    explained = np.square(u.T @ one_hot)  # (r, k): of |y|^2, along each direction
    rest = np.clip(one_hot.sum(0) - explained.sum(0), 0, None)  # |y|^2 is the class's count
    eigenvalues = np.square(s)
    unit = eigenvalues.mean() if eigenvalues.any() else 1.0

    def log_evidence(ratio: np.ndarray) -> np.ndarray:
        """Return log p(y) at the best beta = n / q, q = y' (I + F F' / t)^-1 y, of each class at its own ratio t: (k,)."""
        t = ratio * unit
        shrunk = t / (eigenvalues[:, None] + t)  # (r, k)
        q = (shrunk * explained).sum(0) + rest
        found: np.ndarray = -n / 2 * (np.log(2 * np.pi * q / n) + 1) + np.log(shrunk).sum(0) / 2
        return found

    return float(_maximum(log_evidence, len(rest)).mean() / n)


def _maximum(f: Callable[[np.ndarray], np.ndarray], k: int) -> np.ndarray:
    """Return the maximum over RATIOS of k functions: the best of a grid, then golden-section search around it."""
    grid = np.stack([f(np.full(k, t)) for t in RATIOS])
    best = grid.argmax(0)
    logs = np.log(RATIOS)
    a, b = logs[np.maximum(best - 1, 0)], logs[np.minimum(best + 1, len(logs) - 1)]
    for _ in range(STEPS):
        left, right = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        lower = f(np.exp(left)) < f(np.exp(right))
        a, b = np.where(lower, left, a), np.where(lower, b, right)
    return np.asarray(np.maximum(grid.max(0), f(np.exp((a + b) / 2))))


SCORE = Score(
    "logme",
    mark("LogME (evidence of a linear model)"),
    "You et al., 2021",
    mark(
        "It asks how well a linear head fits, not what fine-tuning reaches; it favors many features."
    ),
    logme,
)
