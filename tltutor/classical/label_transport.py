"""Label propagation by optimal transport (Solomon et al., 2014): labels travel along the plan, and the target is learned with them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from tltutor.classical.method import Method, check_classes, check_takes_weights, checked_rows
from tltutor.classical.transport import cost_matrix, sinkhorn_plan, warn_unless_exact
from tltutor.settings import Setting

LEAST = 1e-6  # a smaller weight trains nothing


def propagated(plan: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return of each target point the shares of its mass that come from each class: (n_t, k), rows of sum 1.

    plan (n_s, n_t), codes (n_s,): classes 0..k-1. p_jk = sum of plan_ij over i of class k, over sum of plan_ij over all i.
    (Solomon et al., 2014, section 3; Redko et al., 2019, eq. 8.)
    """
    mass: np.ndarray = plan.T @ np.eye(codes.max() + 1)[codes]
    total = mass.sum(1, keepdims=True)
    if not (np.isfinite(mass).all() and (total > 0).all()):
        raise ValueError("the transport plan lost some of its mass to rounding: raise reg_e")
    return mass / total


class LabelTransport(ClassifierMixin, Method):
    """The source's labels are sent to the target by Sinkhorn's plan, and the `estimator` learns the target's points with them.

    No point is moved, so that nothing is asked of the space between both domains. Each target point counts once for each
    class, weighted by the mass that came from it. `estimator` must take sample_weight; the default is logistic regression.
    Expect less than no adaptation where the classes' shares differ, because the plan sends all of a class's mass, and by about
    3 points on Office-Caltech features, where a nearly exact plan follows single noisy distances.
    Fitted: `classes_`, `coupling_` (n_s, n_t), `target_probabilities_` (n_t, k), `estimator_`.
    """

    name = "ot_labels"
    title = "Label propagation by optimal transport"
    kind: ClassVar[Literal["labels"]] = "labels"
    needs_labels = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "reg_e",
            0.05,
            0.02,
            10.0,
            "log",
            unit="median costs",
            symbol="ε",
            text="Entropy of the plan; a large one mixes the classes.",
        ),
    )

    def __init__(self, reg_e: float = 0.05, *, estimator: Any = None) -> None:
        self.reg_e = reg_e
        self.estimator = estimator

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        check_classification_targets(ys)
        check_classes(self, ys)
        model = LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator
        check_takes_weights(model)
        self.classes_, codes = np.unique(ys, return_inverse=True)
        self.coupling_ = sinkhorn_plan(cost_matrix(Xs, Xt), self.reg_e)
        warn_unless_exact(self.coupling_, self.name)
        self.target_probabilities_ = propagated(self.coupling_, codes)
        k = len(self.classes_)
        w = np.maximum(self.target_probabilities_, LEAST).ravel()
        self.estimator_ = clone(model).fit(
            np.repeat(Xt, k, axis=0), np.tile(np.arange(k), len(Xt)), sample_weight=w
        )

    def predict(self, X: Any) -> np.ndarray:
        """Return the estimator's class for rows X (n, d): (n,)."""
        check_is_fitted(self)
        return self.classes_[self.estimator_.predict(checked_rows(self, X, reset=False))]
