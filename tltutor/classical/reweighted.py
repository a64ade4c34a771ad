"""Reweighted: a scikit-learn estimator trained on a source that is weighted to look like the target."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from tltutor.classical.method import (
    check_classes,
    check_takes_weights,
    checked_rows,
    checked_target,
)
from tltutor.classical.weights import Weights


def _has(name: str) -> Any:
    """Offer this method if the inner estimator has it."""
    return available_if(lambda self: hasattr(self.estimator, name) or None)


class Reweighted(MetaEstimatorMixin, BaseEstimator):
    """fit(X, y, target=Xt) minimizes the mean of w_i * loss_i over the source (Shimodaira, 2000), w from `weights`.

    Neither `estimator` nor `weights` is changed: their fitted copies are `estimator_` and `weights_`, the latter with
    `weights_.weights_` and `weights_.effective_sample_size_`.
    """

    __metadata_request__fit: ClassVar[dict[str, bool]] = {"target": True}

    def __init__(self, estimator: Any, weights: Weights) -> None:
        self.estimator = estimator
        self.weights = weights

    def fit(self, X: Any, y: Any, *, target: Any = None) -> Reweighted:
        """Weight the source X (n_s, d) by the target's points (n_t, d), then fit on X and its labels y (n_s,).

        Errors: TypeError for an estimator that takes no sample_weight; ValueError for one class; otherwise as `Method.fit`.
        """
        check_takes_weights(self.estimator)
        Xs, ys = checked_rows(self, X, y, multi_output=True)
        check_classes(self.estimator, ys)
        Xt = None if target is None else checked_target(self, target, width=Xs.shape[1])
        self.weights_ = clone(self.weights).fit(Xs, ys, target=Xt)
        self.estimator_ = clone(self.estimator).fit(Xs, ys, sample_weight=self.weights_.weights_)
        if hasattr(self.estimator_, "classes_"):
            self.classes_ = self.estimator_.classes_
        return self

    def _fitted(self, method: str, X: Any, *more: Any) -> Any:
        """Call the inner estimator's method on the rows of X (n, d)."""
        check_is_fitted(self)
        rows = checked_rows(self, X, reset=False)
        return getattr(self.estimator_, method)(rows, *more)

    def predict(self, X: Any) -> Any:
        """Return the inner estimator's predictions for X (n, d): (n,)."""
        return self._fitted("predict", X)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Return class probabilities (n, k), if the inner estimator has them."""
        return self._fitted("predict_proba", X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> Any:
        """Return scores (n,) or (n, k), if the inner estimator has them."""
        return self._fitted("decision_function", X)

    def score(self, X: Any, y: Any) -> float:
        """Return the inner estimator's score on X (n, d), y (n,)."""
        return float(self._fitted("score", X, y))

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.estimator_type, tags.target_tags = inner.estimator_type, inner.target_tags
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        return tags
