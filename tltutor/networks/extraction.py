"""Frozen-feature extraction: a trained network as a scikit-learn transformer, so that any scikit-learn head may stand on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from tltutor.networks.inference import as_input, outputs

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
        """Learn nothing: X and y are not used."""
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return features (n, feature_width) float32 of images (n, c, h, w), uint8 or 0..1, or vectors (n, d); n may be 0."""
        features, _ = outputs(self.network, as_input(self.network, X), self.domain)
        return features.cpu().numpy()
