"""Proxy A-distance (Ben-David et al., 2007): 2 (1 - 2 e) from the error e of a classifier that tells the domains apart."""

from __future__ import annotations

import warnings

import numpy as np

from tltutor.metrics.folds import domain_folds
from tltutor.metrics.mmd_band import BAND, check_permutations
from tltutor.metrics.rows import pooled
from tltutor.projections.checks import Array


def proxy_a_distance(xs: Array, xt: Array, seed: int = 0) -> float:
    """Return 2 (1 - 2 e) of xs (n_s, d) and xt (n_t, d): 2 if no point is told wrongly, about 0 for like domains.

    e is the balanced error of logistic regression on standardized features, predicted out of fold (5 folds, both domains in
    each, identical rows in one). Nothing is chosen on the held-out part. By chance the value may fall below 0; a domain
    against itself gives 0. A single value says little without its permutation band: see proxy_a_distance_permutation_band.
    Raises ValueError if a domain has fewer than 2 rows. (Ben-David et al., 2007, section 4; 2010.)
    """
    x, is_target = _pooled_arrays(xs, xt)
    return _a_distance(x, is_target, seed)


def proxy_a_distance_permutation_band(
    xs: Array, xt: Array, *, permutations: int = 50, seed: int = 0
) -> tuple[float, float, float]:
    """Return (value, low, high): the A-distance, and the middle 95 % of its values after random relabeling of all rows.

    Slow: it fits 5 * (permutations + 1) classifiers. Errors as in proxy_a_distance.
    """
    check_permutations(permutations)
    x, is_target = _pooled_arrays(xs, xt)
    rng = np.random.default_rng(seed)
    null = [_a_distance(x, rng.permutation(is_target), seed) for _ in range(permutations)]
    low, high = np.quantile(null, BAND)
    return _a_distance(x, is_target, seed), float(low), float(high)


def _pooled_arrays(xs: Array, xt: Array) -> tuple[np.ndarray, np.ndarray]:
    x, n_s = pooled(xs, xt)
    if min(n_s, len(x) - n_s) < 2:
        raise ValueError(
            f"an A-distance needs at least 2 examples of each domain, got {n_s} and {len(x) - n_s}: pass more rows"
        )
    return x.cpu().double().numpy(), np.arange(len(x)) >= n_s


def _a_distance(x: np.ndarray, is_target: np.ndarray, seed: int) -> float:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import PredefinedSplit, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = PredefinedSplit(domain_folds(x, is_target, np.random.default_rng(seed)))
    probe = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # separable domains: the error is settled long before the weights
        found = cross_val_predict(probe, x, is_target, cv=folds)
    e = 1 - balanced_accuracy_score(is_target, found)
    return float(2 * (1 - 2 * e))
