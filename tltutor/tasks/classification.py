"""Classification: each example has one of k classes. A linear head, cross-entropy, the largest logit, accuracy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.tasks.task import Task


class Classification(Task):
    """One class of k; the head's outputs are logits (n, k), the labels class numbers (n,) int64 in 0..k-1."""

    name: ClassVar[str] = "classification"
    score_name: ClassVar[str] = "accuracy"

    def head(self, width: int, outputs: int) -> nn.Module:
        """Build a linear layer (n, width) -> (n, k)."""
        return nn.Linear(width, outputs)

    def loss(self, z: Tensor, y: Tensor) -> Tensor:
        """Return the mean cross-entropy -log softmax(z)[y]."""
        return F.cross_entropy(z, y)

    def predict(self, z: Tensor) -> np.ndarray:
        """Return the class of the largest logit, (n,) int64."""
        return z.argmax(1).cpu().numpy()

    def score(self, predictions: np.ndarray, y: np.ndarray) -> float:
        """Return the share of examples whose class is predicted, 0..1."""
        return float(np.mean(predictions == y))


CLASSIFICATION = Classification()
