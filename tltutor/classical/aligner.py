"""What a map is: a transformer that brings source and target into one space, each by its own way."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import TransformerMixin

from tltutor.classical.method import Method
from tltutor.settings import Setting

COMPONENTS = Setting(
    "components",
    0,
    0,
    1000,
    "int",
    symbol="k",
    text="Dimensions that are kept; 0 keeps half of them, at least 2, at most 20.",
)


class Aligner(TransformerMixin, Method):
    """fit_transform(X, y, target=Xt) gives the source in the common space, transform(X) brings the target there.

    What a pipeline predicts is the target's, so `transform` is the target's way; `transform_source` takes more source points.
    A method overrides `_map_source` where the two ways differ.
    """

    kind: ClassVar[Literal["map"]] = "map"

    def fit_transform(self, X: Any, y: Any = None, *, target: Any = None) -> np.ndarray:
        """Fit, and the source X (n_s, d) in the common space (n_s, k)."""
        return self.fit(X, y, target=target).transform_source(X)

    def transform(self, X: Any) -> np.ndarray:
        """Rows of the target X (n, d) in the common space (n, k)."""
        return self._map_target(self._rows(X))

    def transform_source(self, X: Any) -> np.ndarray:
        """Rows of the source X (n, d) in the common space (n, k)."""
        return self._map_source(self._rows(X))

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return self._map_target(X)


def kept(components: int, most: int) -> int:
    """How many components: as many as asked for, never above `most`; for 0, half the most, between 2 and 20."""
    return min(components or min(max(most // 2, 2), 20), most)
