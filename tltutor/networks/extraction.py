"""Frozen-feature extraction: a trained network as a scikit-learn transformer, so that any scikit-learn head may stand on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from tltutor.networks.inference import outputs

if TYPE_CHECKING:
    from tltutor.networks import Network


class FrozenFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """`transform` gives the network's features (n, feature_width) float32 of examples x (n, ...); nothing of it changes.

    domain: whose BatchNorm statistics are used. There is nothing to fit: make_pipeline(FrozenFeatures(network),
    LogisticRegression()).fit(x, y) is the transfer that only trains a new head (Razavian et al., 2014; Yosinski et al., 2014).
    """

    def __init__(self, network: Network, domain: Literal["source", "target"] = "source") -> None:
        self.network = network
        self.domain = domain

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Nothing is learnt; X and y are not looked at."""
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Features (n, feature_width) of images (n, c, h, w), uint8 or 0..1, or vectors (n, d)."""
        rows = np.asarray(X)
        if not np.isfinite(rows).all():
            raise ValueError(
                f"examples must be finite, got {np.count_nonzero(~np.isfinite(rows))} numbers that are not: mend or leave them out"
            )
        features, _ = outputs(self.network, rows, self.domain)
        return features.cpu().numpy()
