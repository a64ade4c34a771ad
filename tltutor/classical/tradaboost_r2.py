"""TrAdaBoost.R2 (Pardoe & Stone, 2010): TrAdaBoost for regression, where errors have degrees."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.tree import DecisionTreeRegressor

from tltutor.classical.boosting import N_ESTIMATORS, Boosting
from tltutor.settings import Setting


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return, per column of values (m, n), the smallest value up to which at least half of the weights (m,) lie: (n,)."""
    order = np.argsort(values, axis=0, kind="stable")
    below = np.cumsum(weights[order], axis=0)
    middle = (below >= below[-1] / 2).argmax(axis=0)
    columns = np.arange(values.shape[1])
    return values[order[middle, columns], columns]


class TrAdaBoostR2(RegressorMixin, Boosting):
    """TrAdaBoost with AdaBoost.R2's error |y - h(x)| / largest (Drucker, 1997) and its weighted median of the second half of the rounds.

    The one-stage algorithm of Pardoe & Stone (2010, sec. 4); `estimator` must take sample_weight, the default is a tree of depth 4.
    """

    name = "tradaboost_r2"
    title = "TrAdaBoost.R2 (regression, with target labels)"
    settings: ClassVar[tuple[Setting, ...]] = (N_ESTIMATORS,)

    def _boost(self, X: np.ndarray, y: np.ndarray, n_s: int) -> None:
        super()._boost(X, y.astype(np.float64), n_s)

    def predict(self, X: Any) -> np.ndarray:
        """Return the weighted median of the rounds' predictions for rows X (n, d): (n,)."""
        return weighted_median(*self._votes(X))

    def _default(self) -> Any:
        return DecisionTreeRegressor(max_depth=4)

    def _wrong(self, predicted: np.ndarray, y: np.ndarray) -> np.ndarray:
        off = np.abs(predicted - y)
        return off / (off.max() or 1.0)
