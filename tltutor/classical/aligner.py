"""What a map is: a transformer that brings source and target into one common space."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import TransformerMixin

from tltutor.classical.method import Method
from tltutor.settings import Setting

N_COMPONENTS = Setting(
    "n_components",
    0,
    0,
    1000,
    "int",
    symbol="k",
    text="Dimensions to keep; 0 keeps half of them, at least 2 and at most 20.",
)


class Aligner(TransformerMixin, Method):
    """Base of the maps: fit_transform(X, y, target=Xt) maps the source, transform(X) maps the target.

    A pipeline predicts target points, so `transform` is the target's map; `transform_source` maps
    further source points. A subclass overrides `_map_source` where the two maps differ.
    """

    kind: ClassVar[Literal["map"]] = "map"

    def fit_transform(self, X: Any, y: Any = None, *, target: Any = None) -> np.ndarray:
        """Fit, and return the source X (n_s, d) in the common space (n_s, k). Errors: as `fit`."""
        return self.fit(X, y, target=target).transform_source(X)

    def transform(self, X: Any) -> np.ndarray:
        """Map target rows X (n, d) to the common space (n, k).

        Errors: NotFittedError before `fit`; ValueError or TypeError for rows that `fit` would refuse.
        """
        return self._map_target(self._rows(X))

    def transform_source(self, X: Any) -> np.ndarray:
        """Map source rows X (n, d) to the common space (n, k). Errors: as `transform`."""
        return self._map_source(self._rows(X))

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return self._map_target(X)


def count_components(n_components: int, most: int) -> int:
    """Return n_components, at most `most`; for 0, half of `most`, between 2 and 20."""
    return min(n_components or min(max(most // 2, 2), 20), most)
