"""What TrAdaBoost and TrAdaBoost.R2 share: rounds of boosting in which source points fade and target points grow."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from tltutor.classical.method import (
    Method,
    check_classes,
    check_takes_weights,
    checked_rows,
    checked_target,
)
from tltutor.settings import Setting

N_ESTIMATORS = Setting(
    "n_estimators",
    20,
    1,
    500,
    "int",
    symbol="N",
    text="Rounds of boosting; the second half of them votes.",
)
TINY, MOST = (
    1e-10,
    0.499,
)  # limits of a round's error: the paper excludes 1/2 and above; at 0, log(1 / beta_t) is infinite


def fade(n_s: int, n_estimators: int) -> float:
    """Return beta = 1 / (1 + sqrt(2 ln n_s / N)), the factor on a wrong source point's weight (Dai et al., 2007, figure 1)."""
    return float(1 / (1 + np.sqrt(2 * np.log(n_s) / n_estimators)))


def reweigh(
    w: np.ndarray, wrong: np.ndarray, n_s: int, n_estimators: int
) -> tuple[np.ndarray, float]:
    """Return new weights (n,) and beta_t, from weights w (n,) and errors `wrong` (n,) in 0..1; source rows first.

    error = mean wrong of the target, by weight; beta_t = error / (1 - error); source w beta^wrong, target w beta_t^-wrong.
    """
    error = float(np.average(wrong[n_s:], weights=w[n_s:]))
    error = min(max(error, TINY), MOST)
    beta_t = error / (1 - error)
    new = w * np.concatenate([fade(n_s, n_estimators) ** wrong[:n_s], beta_t ** -wrong[n_s:]])
    return new / new.sum(), beta_t


class Boosting(Method):
    """fit(X, y, target=Xt, target_labels=yt): the only classical methods that take target labels.

    Give them the few labeled target points and no others. Without them X and y stand in, with a warning.
    Fitted: `estimators_` and `betas_` (n_estimators,), `source_weights_` (n_s,) after the last round.
    """

    kind: ClassVar[Literal["boosting"]] = "boosting"
    needs_labels = True
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"target": True, "target_labels": True}

    def __init__(
        self, estimator: Any = None, n_estimators: int = 20, *, random_state: int | None = 0
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, target: Any = None, target_labels: Any = None) -> Any:
        """Learn from the source X (n_s, d), y (n_s,) and the labeled target points (n_t, d), (n_t,); return self.

        Errors: ValueError for one of target and target_labels alone, or of unequal lengths; TypeError for an estimator that
        takes no sample_weight; otherwise as `Method.fit`.
        """
        for setting in self.settings:
            setting.check(getattr(self, setting.name))
        Xs, ys = self._source(X, y)
        Xt, yt = self._labeled_target(Xs, ys, (target, target_labels))
        check_classes(self, np.concatenate([ys, yt]))
        self._boost(np.concatenate([Xs, Xt]), np.concatenate([ys, yt]), len(Xs))
        return self

    def _labeled_target(
        self, Xs: np.ndarray, ys: Any, given: tuple[Any, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        if given[0] is None and given[1] is None:
            warnings.warn(
                f"{self.name} was given no labeled target points, so X and y stand in for them:"
                " pass target=Xt and target_labels=yt to fit",
                UserWarning,
                stacklevel=3,
            )
            return Xs, ys
        if given[0] is None or given[1] is None:
            raise ValueError(
                f"{self.name} needs target and target_labels, got only one of them: pass both, or take another method"
            )
        Xt, yt = checked_target(self, given[0], width=Xs.shape[1]), np.asarray(given[1])
        if yt.shape != (len(Xt),):
            raise ValueError(
                f"target_labels must have shape ({len(Xt)},), one for each row of target, got {yt.shape}"
            )
        if (yt.dtype.kind in "OUS") != (np.asarray(ys).dtype.kind in "OUS"):
            raise ValueError(
                f"target_labels must be words or numbers as y is, got {yt[0]!r} beside {ys[0]!r}: use the names of y"
            )
        return Xt, yt

    def _boost(self, X: np.ndarray, y: np.ndarray, n_s: int) -> None:
        """Fit and reweigh n_estimators times."""
        rng, model = (
            check_random_state(self.random_state),
            self._default() if self.estimator is None else self.estimator,
        )
        check_takes_weights(model)
        w = np.full(len(X), 1 / len(X))
        self.estimators_, betas = [], []
        for _ in range(self.n_estimators):
            learner = clone(model)
            if "random_state" in learner.get_params():
                learner.set_params(random_state=rng.randint(2**31 - 1))
            self.estimators_.append(learner.fit(X, y, sample_weight=w * len(X)))
            w, beta_t = reweigh(w, self._wrong(learner.predict(X), y), n_s, self.n_estimators)
            betas.append(beta_t)
        self.betas_, self.source_weights_ = np.array(betas), w[:n_s]

    def _votes(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return predictions (voters, n) of the rounds from ceil(N / 2) on, and the weight log(1 / beta_t) of each vote."""
        check_is_fitted(self)
        rows = checked_rows(self, X, reset=False)
        late = slice(int(np.ceil(self.n_estimators / 2)) - 1, None)
        return np.stack([e.predict(rows) for e in self.estimators_[late]]), -np.log(
            self.betas_[late]
        )

    def _default(self) -> Any:
        raise NotImplementedError

    def _wrong(self, predicted: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the error of each prediction: (n,), 0..1."""
        raise NotImplementedError
