"""TrAdaBoost (Dai et al., 2007): boosting on the source and a few labeled target points, in which misfit source points fade."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.multiclass import check_classification_targets

from tltutor.classical.boosting import N_ESTIMATORS, Boosting
from tltutor.settings import Setting


class TrAdaBoost(ClassifierMixin, Boosting):
    """Each round weighs a wrong source point by beta < 1 and a wrong target point by 1 / beta_t > 1 (Dai et al., 2007, figure 1).

    The second half of the rounds votes with log(1 / beta_t): the paper's rule for two classes, AdaBoost.M1's (Freund &
    Schapire, 1997) for more.
    `estimator` must take sample_weight; the default is a tree of depth 2.
    """

    name = "tradaboost"
    title = "TrAdaBoost (with target labels)"
    settings: ClassVar[tuple[Setting, ...]] = (N_ESTIMATORS,)

    def _boost(self, X: np.ndarray, y: np.ndarray, n_s: int) -> None:
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        super()._boost(X, codes, n_s)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return shares of the votes: (n, k); for two classes their difference (n,), positive for the second."""
        predicted, votes = self._votes(X)
        shares = (
            np.stack([votes @ (predicted == c) for c in range(len(self.classes_))], axis=1)
            / votes.sum()
        )
        return shares[:, 1] - shares[:, 0] if len(self.classes_) == 2 else shares

    def predict(self, X: Any) -> np.ndarray:
        """Return the class with most votes for rows X (n, d): (n,)."""
        predicted, votes = self._votes(X)
        shares = np.stack([votes @ (predicted == c) for c in range(len(self.classes_))], axis=1)
        return self.classes_[shares.argmax(axis=1)]

    def _default(self) -> Any:
        return DecisionTreeClassifier(max_depth=2)

    def _wrong(self, predicted: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (predicted != y).astype(float)
