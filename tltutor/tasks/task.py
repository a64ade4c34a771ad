"""Task: everything that depends on the kind of label, in one place. It knows no network, no data set and no training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from torch import Tensor, nn


class Task(ABC):
    """A kind of label.

    A network takes its head from here, an objective its task loss, and a session its predictions and its score.
    `score_name` names the score of a domain, as in "target_accuracy"; a higher score is better.
    """

    name: ClassVar[str]
    score_name: ClassVar[str]

    @abstractmethod
    def head(self, width: int, outputs: int) -> nn.Module:
        """Build the last layer: (n, width) -> (n, outputs)."""

    @abstractmethod
    def loss(self, z: Tensor, y: Tensor) -> Tensor:
        """Return the mean loss, one number, of the head's outputs z (n, outputs) for labels y (n,)."""

    @abstractmethod
    def predict(self, z: Tensor) -> np.ndarray:
        """Turn the head's outputs z (n, outputs) into predictions (n,) on the CPU."""

    @property
    def of_points(self) -> Task:
        """The task of the map's points: the examples themselves, by default."""
        return self

    def at_points(self, f: Tensor, z: Tensor, boxes: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return features (n, d) and outputs of the map's points, of features f and outputs z of their examples.

        boxes (n, 4): where in the example the point lies, for a task that looks for boxes.
        """
        return f, z

    def cell_width(self, feature_width: int, head_width: int) -> int:
        """Return d, the width of a cell and of a region: that of the features, by default."""
        return feature_width

    def cells(self, f: Tensor, z: Tensor) -> Tensor:
        """Return the places of each example (n, p, d) of features f and outputs z: the example itself, by default."""
        return f[:, None]

    def regions(self, f: Tensor, z: Tensor) -> Tensor:
        """Return what was found in each example (n, r, d) of features f and outputs z: the example itself, by default."""
        return f[:, None]

    @abstractmethod
    def score(self, predictions: np.ndarray, y: np.ndarray) -> float:
        """Compare predictions (n,) with labels y (n,)."""
