"""What a classical method is: a scikit-learn estimator that sees a labeled source and the target's points, never the target's labels."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data

from tltutor.settings import Setting


class Method(BaseEstimator):
    """Base of all: declare `name`, `title`, `kind`, `settings`; take each setting in __init__; learn in `_fit(Xs, ys, Xt)`.

    fit(X, y, target=Xt): X (n_s, d) and y (n_s,) are the source, target (n_t, d) the target's points. Without a target there
    is no shift to learn from: X stands in for it, with a warning. In a Pipeline whose earlier steps must treat the target as
    they treat X, use `tl.classical.pipeline`. As scikit-learn wants it, __init__ only stores and fit checks.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Literal["weights", "map", "boosting"]]
    settings: ClassVar[tuple[Setting, ...]] = ()
    needs_labels: ClassVar[bool] = False  # of the source
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"target": True}

    def fit(self, X: Any, y: Any = None, *, target: Any = None) -> Any:
        """Learn from the source X (n_s, d), its labels y (n_s,) and the target's points (n_t, d); returns self.

        Errors: ValueError or TypeError for a setting out of bounds, for NaN or infinity, no rows, unequal widths, missing labels.
        """
        for setting in self.settings:
            setting.check(getattr(self, setting.name))
        Xs, ys = self._source(X, y)
        self._fit(Xs, ys, self._target(Xs, target))
        return self

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        """Learn; ys is empty where the method needs no labels."""
        raise NotImplementedError

    def _source(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if not self.needs_labels:
            return validate_data(self, X, dtype=np.float64), np.empty(0)
        if y is None:
            raise ValueError(f"{self.name} requires y to be passed, but the target y is None: give the labels of the source")
        Xs, ys = validate_data(self, X, y, dtype=np.float64)
        return Xs, ys

    def _target(self, Xs: np.ndarray, target: Any) -> np.ndarray:
        if target is None:
            warnings.warn(
                f"{self.name} was given no target, so it takes X for it and adapts to nothing: pass target=Xt to fit",
                UserWarning,
                stacklevel=3,
            )
            return Xs
        return checked_target(target, width=Xs.shape[1])

    def _rows(self, X: Any) -> np.ndarray:
        """Rows (n, d) for a method that has been fitted, as float64."""
        check_is_fitted(self)
        return validate_data(self, X, reset=False, dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.needs_labels
        return tags


def check_takes_weights(estimator: Any) -> None:
    """That the estimator can be trained on weighted points."""
    if not has_fit_parameter(estimator, "sample_weight"):
        raise TypeError(
            f"the estimator must take sample_weight in fit, and {type(estimator).__name__} does not:"
            " take another, such as LogisticRegression; of a pipeline, wrap the last step alone"
        )


def check_classes(estimator: Any, y: Any) -> None:
    """That a classifier has classes to tell apart."""
    if is_classifier(estimator) and y is not None and np.unique(np.asarray(y)).size == 1:
        raise ValueError("a classifier needs labeled points of 2 classes or more, got 1 class: add the others")


def checked_target(target: Any, *, width: int) -> np.ndarray:
    """The target's points as (n_t, width) float64, or one sentence that says what is wrong with them."""
    try:
        Xt = np.asarray(target, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"target must be an array of numbers (n_t, {width}), one row a point: {error}") from None
    if Xt.ndim != 2 or Xt.shape[1] != width or not len(Xt):
        raise ValueError(
            f"target must have shape (n_t, {width}), at least one row and as many columns as X, got {Xt.shape}:"
            " give both domains the same features"
        )
    broken = ~np.isfinite(Xt).all(axis=1)
    if broken.any():
        raise ValueError(
            f"target must be finite, got NaN or infinity in {int(broken.sum())} of {len(Xt)} rows: remove or impute them"
        )
    return Xt
