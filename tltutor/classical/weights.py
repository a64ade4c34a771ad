"""Instance weights: one number per source point, so that the weighted source looks like the target."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal

import numpy as np

from tltutor.classical.method import Method

FEW = 0.05  # a share of the source below which an effective sample size is called a collapse


def effective_sample_size(w: np.ndarray) -> float:
    """Return (sum w)^2 / sum w^2 of weights w (n,) (Kish, 1965): the number of equally weighted points worth as much."""
    return float(w.sum() ** 2 / np.square(w).sum())


class Weights(Method):
    """fit(X, target=Xt) gives `weights_` (n_s,), the density ratio p_t / p_s at the source points, scaled to E_s[w] = 1.

    `effective_sample_size_` says how much of the source is left. Errors: ValueError if all weights are 0. A UserWarning if
    less than 5 % of the source is left.
    """

    kind: ClassVar[Literal["weights"]] = "weights"

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        w = np.clip(self._raw(Xs, ys, Xt), 0, None)
        if not (np.isfinite(w).all() and w.sum() > 0):
            raise ValueError(
                f"{self.name} finds no source point near the target, all weights are 0: standardize the features, or widen the kernel"
            )
        self.scale_ = float(w.mean())
        self.weights_ = w / self.scale_
        self.effective_sample_size_ = effective_sample_size(self.weights_)
        if self.effective_sample_size_ < FEW * len(Xs):
            warnings.warn(
                f"{self.name} leaves an effective sample size of {self.effective_sample_size_:.1f} of {len(Xs)} source points:"
                " the domains hardly overlap, so a few points decide; use a wider kernel, RuLSIF, or a map instead of weights",
                UserWarning,
                stacklevel=3,
            )

    def _raw(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        """Return raw weights of the source points: (n_s,), of any scale. Most methods need no labels."""
        return self._weigh(Xs, Xt)

    def _weigh(self, Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        """Return raw weights of the source points: (n_s,), of any scale."""
        raise NotImplementedError


class Ratio(Weights):
    """Weights from a density ratio that is known everywhere, not only at the source points."""

    def ratio(self, X: Any) -> np.ndarray:
        """Return p_t / p_s at the rows of X (n, d): (n,), on the scale of `weights_`."""
        return np.clip(self._ratio(self._rows(X)), 0, None) / self.scale_

    def _weigh(self, Xs: np.ndarray, Xt: np.ndarray) -> np.ndarray:
        self._learn(Xs, Xt)
        return self._ratio(Xs)

    def _learn(self, Xs: np.ndarray, Xt: np.ndarray) -> None:
        raise NotImplementedError

    def _ratio(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError
