"""The plane of 2-D inputs itself: the points stand still, and the network's decision regions are painted behind them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tltutor.settings import Setting


class Inputs:
    """Points at their own inputs (n, 2), whatever the features are. Raises ValueError for inputs that are not 2-D."""

    name: ClassVar[str] = "inputs"
    title: ClassVar[str] = "Inputs and decisions"
    moves: ClassVar[bool] = False
    settings: ClassVar[tuple[Setting, ...]] = ()
    annealing: ClassVar[bool] = False
    axes: ClassVar[None] = None

    def __init__(self, places: np.ndarray) -> None:
        if np.ndim(places) != 2 or np.shape(places)[1] != 2:
            raise ValueError(
                f"a map of the inputs needs 2-D inputs (n, 2), got shape {np.shape(places)}: choose another map"
            )
        self._places = np.array(places, dtype=np.float32)

    def __call__(
        self,
        features: Any = None,
        *,
        labels: Any = None,
        is_target: Any = None,
        budgeted: bool = False,
        gliding: bool = False,
    ) -> np.ndarray:
        return self._places.copy()
