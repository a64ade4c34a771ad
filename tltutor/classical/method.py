"""The base of classical methods: scikit-learn estimators that see a labeled source and the target's points, never its labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils.validation import check_array, check_is_fitted, has_fit_parameter, validate_data

from tltutor.settings import Setting

Checked = TypeVar("Checked")


class Method(BaseEstimator):
    """Base of all: declare `name`, `title`, `kind`, `settings`; take each setting in __init__; learn in `_fit(Xs, ys, Xt)`.

    fit(X, y, target=Xt): X (n_s, d) and y (n_s,) are the source, target (n_t, d) the target's points. Without a target
    there is no shift to learn from: X stands in for it, with a warning. In a Pipeline whose earlier steps must treat the
    target as they treat X, use `tl.classical.pipeline`. By scikit-learn's contract, __init__ only stores and fit checks.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Literal["weights", "map", "labels", "boosting"]]
    settings: ClassVar[tuple[Setting, ...]] = ()
    needs_labels: ClassVar[bool] = False  # of the source
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"target": True}

    def fit(self, X: Any, y: Any = None, *, target: Any = None) -> Any:
        """Learn from the source X (n_s, d), its labels y (n_s,) and the target's points (n_t, d); return self.

        Errors: ValueError or TypeError for a setting out of bounds, NaN or infinity, text, masked or sparse rows, no rows,
        unequal widths or columns, missing labels; a data frame's column is named.
        """
        for setting in self.settings:
            setting.check(getattr(self, setting.name))
        Xs, ys = self._source(X, y)
        self._fit(Xs, ys, self._target(Xs, target))
        return self

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        """Learn; ys is empty if the method needs no labels."""
        raise NotImplementedError

    def _source(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if not self.needs_labels:
            return checked_rows(self, X), np.empty(0)
        if y is None:
            raise ValueError(
                f"{self.name} requires y to be passed, but the target y is None: give the labels of the source"
            )
        Xs, ys = checked_rows(self, X, y)
        return Xs, ys

    def _target(self, Xs: np.ndarray, target: Any) -> np.ndarray:
        if target is None:
            warnings.warn(
                f"{self.name} was given no target, so it takes X for it and adapts to nothing: pass target=Xt to fit",
                UserWarning,
                stacklevel=3,
            )
            return Xs
        return checked_target(self, target, width=Xs.shape[1])

    def _rows(self, X: Any) -> np.ndarray:
        """Return rows (n, d) for a fitted method, as float64."""
        check_is_fitted(self)
        return checked_rows(self, X, reset=False)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.needs_labels
        return tags


def check_takes_weights(estimator: Any) -> None:
    """Raise a TypeError if the estimator cannot be trained on weighted points."""
    if not has_fit_parameter(estimator, "sample_weight"):
        raise TypeError(
            f"the estimator must take sample_weight in fit, and {type(estimator).__name__} does not:"
            " take another, such as LogisticRegression; of a pipeline, wrap the last step alone"
        )


def check_classes(estimator: Any, y: Any) -> None:
    """Raise a ValueError if a classifier is given one class."""
    if is_classifier(estimator) and y is not None and np.unique(np.asarray(y)).size == 1:
        raise ValueError(
            "a classifier needs labeled points of 2 classes or more, got 1 class: add the others"
        )


def checked_rows(estimator: Any, X: Any, *y: Any, **options: Any) -> Any:
    """Return rows X (n, d) as float64, and labels y if given, by scikit-learn's `validate_data`; a frame's bad column is named."""
    return checked(X, "X", lambda: validate_data(estimator, X, *y, dtype=np.float64, **options))


def checked(table: Any, what: str, check: Callable[[], Checked]) -> Checked:
    """Run scikit-learn's `check` on a table; refuse masked entries, which it ignores, and name a data frame's bad column."""
    if np.ma.is_masked(table):
        raise ValueError(
            f"{what} has {np.ma.count_masked(table)} masked entries: fill them with .filled(value) or leave their rows out"
        )
    try:
        return check()
    except (TypeError, ValueError):
        if column := bad_column(table):
            raise ValueError(f"{what} must be a table of finite numbers: {column}") from None
        raise


def bad_column(table: Any) -> str:
    """Say which column of a data frame is no column of finite numbers, and what helps; "" if none is, or for an array."""
    for name in getattr(table, "columns", ()):
        try:
            values = np.asarray(table[name], dtype=np.float64)
        except (TypeError, ValueError):
            values = None
        if (
            values is None or np.asarray(table[name]).dtype.kind in "mM"
        ):  # dates become floats without an error
            return f"column {name!r} is {table[name].dtype}: encode it, for example with OneHotEncoder, or drop it"
        if not np.isfinite(values).all():
            return f"column {name!r} has NaN or infinity: fill it, for example with SimpleImputer, or leave those rows out"
    return ""


def checked_target(estimator: Any, target: Any, *, width: int) -> np.ndarray:
    """Return the target's points (n_t, width) as float64, for an estimator that has seen X, or raise one sentence."""
    Xt = checked(target, "target", lambda: _finite_target(target, width))
    names, others = getattr(estimator, "feature_names_in_", None), getattr(target, "columns", None)
    if names is not None and others is not None and list(names) != list(others):
        raise ValueError(
            f"target must have X's columns in X's order, {list(names)}, got {list(others)}: pass target[X.columns]"
        )
    return Xt


def _finite_target(target: Any, width: int) -> np.ndarray:
    try:
        Xt = check_array(
            target,
            dtype=np.float64,
            input_name="target",
            ensure_2d=False,
            allow_nd=True,
            ensure_all_finite=False,
            ensure_min_samples=0,
        )
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"target must be an array of numbers (n_t, {width}), one row per point: {error}"
        ) from None
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
