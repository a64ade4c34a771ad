"""Discriminant: the fixed linear view that best separates domains or classes (Fisher, 1936; Rao, 1948)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.projections.checks import as_flags, as_labels
from tltutor.projections.pca import fixed_sign, principal_axes
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting


def discriminant_axes(x: Tensor, groups: Tensor, k: int = 2, ridge: float = 0.01) -> Tensor:
    """Return the k directions w that maximize (w' B w) / (w' W w): (d, k), unit length; zero columns beyond groups - 1.

    x (n, d), groups (n,) integers; B and W are the scatter between and within the groups. W gets `ridge` times its
    mean variance added on the diagonal: without it, few points in many dimensions separate perfectly by chance (Friedman, 1989).
    """
    x = x.detach().cpu().double()
    of = torch.nn.functional.one_hot(
        groups.cpu().unique(return_inverse=True)[1]
    ).double()  # (n, groups)
    means = (of.T @ x) / of.sum(0)[:, None]
    between = of.sum(0).sqrt()[:, None] * (means - x.mean(0))
    inside = x - of @ means
    w = inside.T @ inside
    least = (
        1e-12 * (w.diagonal().mean() + between.square().mean()) + 1e-300
    )  # where each group is one point, or all are
    w.diagonal().add_(ridge * w.diagonal().mean() + least)
    root = torch.linalg.cholesky(
        w
    )  # W = L L'; with v = L' w the quotient is v' (L^-1 B L^-T) v / v' v
    white = torch.linalg.solve_triangular(root, between.T, upper=False)
    u, sizes, _ = torch.linalg.svd(white, full_matrices=False)
    w = torch.nn.functional.normalize(
        torch.linalg.solve_triangular(root.T, u[:, :k], upper=True), dim=0
    )
    axes = torch.zeros(x.shape[1], k, dtype=torch.float64)
    kept = min(k, of.shape[1] - 1, w.shape[1])
    axes[:, :kept] = torch.where(sizes[:kept] > 1e-9, w[:, :kept], 0.0)
    return fixed_sign(axes)


class Discriminant(Projection):
    """xy = (x - m) A with the mean and the axes of the first features, which stay fixed.

    separate="domains": the first axis separates source from target, the second the classes of the source (without labels:
    the largest variance that is left). separate="classes": the two best axes for the classes of the
    source. Target labels are never used.
    """

    name = "discriminant"
    title = "Discriminant axes (fixed linear view)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "separate",
            "domains",
            scale="choice",
            choices=("domains", "classes"),
            text="What the axes are chosen to separate; a change computes new axes.",
        ),
    )
    separate: str

    def reset(self) -> None:
        super().reset()
        self._axes: Tensor | None = None
        self._separated = self.separate

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        if self._axes is None or len(self._axes) != x.shape[1] or self._separated != self.separate:
            self._mean, self._separated = x.mean(0), self.separate
            labels = None if labels is None else as_labels(labels, len(x))
            is_target = None if is_target is None else as_flags(is_target, len(x))
            self._axes = self._new_axes(x, labels, is_target).to(x)
        self._xy = (x - self._mean.to(x)) @ self._axes.to(x)

    def _new_axes(self, x: Tensor, labels: Tensor | None, is_target: Tensor | None) -> Tensor:
        source = None if is_target is None else ~is_target
        if self.separate == "classes":
            return discriminant_axes(*_source_classes(x, labels, source))
        if source is None or source.all() or not source.any():
            raise ValueError(
                "discriminant axes of the domains need is_target (n,) with points of both domains: pass is_target=…"
            )
        first = discriminant_axes(x, source.long(), 1).to(x)
        rest = x - (x @ first) @ first.T
        if labels is None or not (labels[source] >= 0).any():
            return torch.cat([first, principal_axes(rest, 1).to(x)], 1)
        second = discriminant_axes(*_source_classes(rest, labels, source), 1).to(x)
        return torch.cat([first, second], 1)

    def _place(self) -> Tensor:
        return self._xy


def _source_classes(
    x: Tensor, labels: Tensor | None, source: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the labeled source points and their classes."""
    if labels is None:
        raise ValueError(
            "discriminant axes of the classes need labels (n,), -1 for none, got None: pass labels=…"
        )
    known = labels >= 0 if source is None else (labels >= 0) & source
    if len(labels[known].unique()) < 2:
        raise ValueError(
            f"discriminant axes of the classes need 2 classes in the source, got {len(labels[known].unique())}"
        )
    return x[known.to(x.device)], labels[known]
