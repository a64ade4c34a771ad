"""Lesson 04's exercises: standardize by the training features, and classify by the nearest mean; scikit-learn is the oracle."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from tltutor.lessons.exercises import Exercise


def scaled(test: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Test features (m, d) by the mean and spread of the training ones (n, d)."""
    found: np.ndarray = StandardScaler().fit(train).transform(test)
    return found


def of_nearest_centroid(f: Tensor, y: Tensor, g: Tensor) -> Tensor:
    """Classes (m,) of the features g (m, d), by the class means of f (n, d) with labels y (n,)."""
    return torch.from_numpy(NearestCentroid().fit(f.numpy(), y.numpy()).predict(g.numpy()))


def two_sets(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Test features (4, 3) and training ones (7, 3), of other means and spreads."""
    rng = np.random.default_rng(seed)
    return 1 + rng.normal(size=(4, 3)), np.array([0.0, 2.0, -3.0]) + rng.normal(size=(7, 3)) * [
        1,
        3,
        0.5,
    ]


def classes(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Overlapping classes 0, 1, 2: f (15, 2), y (15,), g (30, 2)."""
    rng = torch.Generator().manual_seed(seed)
    y = torch.arange(3).repeat(5)
    means = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    return (
        means[y] + torch.randn(15, 2, generator=rng),
        y,
        3 * torch.rand(30, 2, generator=rng) - 0.5,
    )


EXERCISES = {
    "standardized": Exercise(
        oracle=scaled,
        cases=[two_sets(0), two_sets(1)],
        mistakes={
            "leak": lambda test, train: (test - test.mean(0)) / test.std(0),  # noqa: ARG005 - called like the others
            "whole": lambda test, train: (test - train.mean()) / train.std(),
        },
    ),
    "nearest_mean": Exercise(
        oracle=of_nearest_centroid,
        cases=[classes(0), classes(1)],
        mistakes={
            "farthest": lambda f, y, g: torch.cdist(
                g, torch.stack([f[y == c].mean(0) for c in range(3)])
            ).argmax(1),
            "neighbor": lambda f, y, g: y[torch.cdist(g, f).argmin(1)],
        },
    ),
}
