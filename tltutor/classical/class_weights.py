"""Weights by class: under label shift, p(x | y) stays and p(y) moves, so that an example's weight is that of its class."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tltutor.classical.weights import Weights

FOLDS = 5


class ClassWeights(Weights):
    """Base of the label-shift estimators: `target_shares_` (k,) of the classes in `classes_` (k,), and weights w_y = q_y / p_y.

    They ask a classifier, logistic regression on standardized features: its answers to the source come from cross-validation,
    those to the target from a fit to all of the source. A network's own answers go to the formula of the estimator's file.
    """

    needs_labels = True

    def _raw(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        self.classes_, codes = np.unique(ys, return_inverse=True)
        p = np.bincount(codes) / len(codes)
        w = self._class_weights(*_answers(Xs, codes, Xt), codes) if len(p) > 1 else np.ones(1)
        self.target_shares_ = p * w / (p @ w) if p @ w > 0 else p
        return np.asarray(w[codes])

    def _class_weights(self, ps: np.ndarray, pt: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return q_y / p_y (k,), of the probabilities ps (n_s, k) and pt (n_t, k) that the classifier gives, and labels (n_s,)."""
        raise NotImplementedError


def _answers(Xs: np.ndarray, codes: np.ndarray, Xt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the class probabilities of source examples that were not trained on, and of the target's."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    smallest = int(np.bincount(codes).min())
    if smallest < 2:  # nothing can be held out
        fitted = model.fit(Xs, codes)
        return fitted.predict_proba(Xs), fitted.predict_proba(Xt)
    folds = StratifiedKFold(min(FOLDS, smallest), shuffle=True, random_state=0)
    held = cross_val_predict(model, Xs, codes, cv=folds, method="predict_proba")
    return held, model.fit(Xs, codes).predict_proba(Xt)
