"""The error of one linear classifier on both domains, trained on the labels of both: large where none serves both."""

from __future__ import annotations

import warnings

import numpy as np

from tltutor.metrics.rows import pooled
from tltutor.projections.checks import Array, as_labels

FOLDS = 5


def joint_error(xs: Array, ys: Array, xt: Array, yt: Array, *, seed: int = 0) -> float:
    """Return e_S(h) + e_T(h) of logistic regression h trained on both domains: 0 to 2, from features (n, d) and labels (n,).

    It stands for lambda* of Ben-David et al. (2010, theorem 2), the least sum of both errors that a classifier of the class
    can have. Features are standardized, each domain has the same weight, and errors are predicted out of fold (5 folds, both
    domains in each). It needs target labels, so it may judge and never choose. Raises ValueError if a domain has fewer than
    5 rows, or if not every row has a label.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, n_s = pooled(xs, xt)
    n_t = len(x) - n_s
    y = np.concatenate([as_labels(ys, n_s).cpu().numpy(), as_labels(yt, n_t).cpu().numpy()])
    if min(n_s, n_t) < FOLDS or (y < 0).any():
        raise ValueError(
            f"a joint error needs {FOLDS} labeled rows or more of each domain, got {n_s} and {n_t}: pass rows with labels"
        )
    is_target = np.arange(len(x)) >= n_s
    h = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    weights = np.where(is_target, len(x) / (2 * n_t), len(x) / (2 * n_s))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the errors settle before the weights
        found = cross_val_predict(
            h,
            x.cpu().double().numpy(),
            y,
            cv=StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, is_target),
            params={"logisticregression__sample_weight": weights},
        )
    wrong = found != y
    return float(wrong[~is_target].mean() + wrong[is_target].mean())
