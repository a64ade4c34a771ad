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

    @abstractmethod
    def score(self, predictions: np.ndarray, y: np.ndarray) -> float:
        """Compare predictions (n,) with labels y (n,)."""
