"""PCA: the view along two fixed axes, the principal components of the first features (Pearson, 1901; Hotelling, 1933)."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.projections.projection import Features, Projection


def fixed_sign(axes: Tensor) -> Tensor:
    """Return the axes (d, k) with the largest entry of each made positive, because the sign of an eigenvector is arbitrary."""
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    return torch.where(largest < 0, -axes, axes)


def principal_axes(x: Tensor, k: int = 2) -> Tensor:
    """Return the k directions of largest variance of x (n, d): (d, k), orthonormal; zero columns where x varies in fewer.

    Eigenvectors of the covariance (or of the n x n inner products where n < d), in float64 on the CPU.
    """
    x = x.detach().cpu().double()
    x = x - x.mean(0)
    n, d = x.shape
    if d <= n:
        values, vectors = torch.linalg.eigh(x.T @ x)
    else:
        values, vectors = torch.linalg.eigh(x @ x.T)
        vectors = torch.nn.functional.normalize(x.T @ vectors, dim=0)
    values, vectors = values.flip(0)[:k], vectors.flip(1)[:, :k]
    axes = torch.zeros(d, k, dtype=torch.float64)
    axes[:, : len(values)] = torch.where(values > 1e-12 * values[0].clamp_min(1e-30), vectors, 0.0)
    return fixed_sign(axes)


class PCA(Projection):
    """xy = (x - m) A, with the mean m (d,) and the axes A (d, 2) of the first features.

    They stay fixed, so every movement on the map is a movement of the features.
    """

    name = "pca"
    title = "PCA (fixed linear view)"

    def reset(self) -> None:
        super().reset()
        self._axes: Tensor | None = None

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        if self._axes is None or len(self._axes) != x.shape[1]:
            self._mean, self._axes = x.mean(0), principal_axes(x).to(x)
        self._xy = (x - self._mean.to(x)) @ self._axes.to(x)

    def _place(self) -> Tensor:
        return self._xy
