"""Frozen-feature extraction: a trained network as a scikit-learn transformer, to train any scikit-learn head on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from tltutor.networks.inference import as_input, outputs

if TYPE_CHECKING:
    from tltutor.networks import Network


class FrozenFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Transform examples (n, ...) into the network's features (n, feature_width) float32; the network does not change.

    domain: which BatchNorm statistics to use, "source" or "target". `fit` learns nothing:
    make_pipeline(FrozenFeatures(network), LogisticRegression()).fit(x, y) trains a new head only
    (Razavian et al., 2014; Yosinski et al., 2014).
    """

    def __init__(self, network: Network, domain: Literal["source", "target"] = "source") -> None:
        self.network = network
        self.domain = domain

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Return self: there is nothing to learn, X and y are not used."""
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return features (n, feature_width) float32 of images (n, c, h, w), uint8 or 0..1, or vectors (n, d); n may be 0.

        Errors: ValueError or TypeError for examples of another shape, type or scale than the network was built for.
        """
        features, _ = outputs(self.network, as_input(self.network, X), self.domain)
        return features.cpu().numpy()
