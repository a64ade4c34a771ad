"""The linear tour: a view along two directions that rotate slowly, or that a learner moves by dragging the axes' tips."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from tltutor.projections.pca import principal_axes
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting

AXES = 6  # number of principal axes that the tour uses
REACH = 2.0  # length of an axis that lies in the plane, in standard deviations along the first


def rotated(basis: Tensor, angle: float) -> Tensor:
    """Return basis · prod_ij G_ij(angle w_ij), i in the plane, j beyond it: a step of a grand tour (Asimov, 1985, torus method).

    basis (k, k) is orthogonal and its first two columns span the visible plane; G_ij(t) rotates columns i and j by the angle t
    in radians. The speeds w_ij = sqrt(prime) / 5 are incommensurable, so the tour comes close to every view in time.
    Rotations within the plane are left out.
    """
    primes = (p for p in itertools.count(2) if all(p % q for q in range(2, p)))
    k = len(basis)
    for j, i in itertools.product(range(2, k), range(2)):
        t = angle * math.sqrt(next(primes)) / 5
        turn = torch.tensor(
            [[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]], dtype=basis.dtype
        )
        basis = basis.clone()
        basis[:, [i, j]] = basis[:, [i, j]] @ turn
    return basis


def dragged(basis: Tensor, axis: int, x: float, y: float) -> Tensor:
    """Return the basis (k, k) with row `axis` at (x, y) in the plane, and the other rows orthonormal to it and each other.

    Direct manipulation of the grand tour (Li, Zhao & Scheidegger, Distill 2020): the part of the row beyond the plane is
    scaled until the row has length 1, then Gram-Schmidt follows, the dragged row first. A tip farther out than 1 is put at 1.
    """
    place = torch.tensor([x, y], dtype=basis.dtype)
    place = place / place.norm().clamp_min(1.0)
    beyond = basis[axis, 2:]
    if len(beyond) and beyond.norm() < 1e-6:
        beyond = torch.eye(len(beyond), dtype=basis.dtype)[0]
    left = 1 - place.square().sum()
    left = torch.where(left > 1e-6, left, 0.0)  # a tip at 1 comes with the rounding of float32
    row = torch.cat([place, left.sqrt() * beyond / beyond.norm().clamp_min(1e-12)])
    row = (
        row / row.norm() if row.norm() > 1e-6 else basis[axis]
    )  # with two axes a tip can only move on the circle
    others = [i for i in range(len(basis)) if i != axis]
    q, r = torch.linalg.qr(
        torch.cat([row[None], basis[others]]).T
    )  # Gram-Schmidt of the rows, up to signs
    rows = (q * torch.where(r.diagonal() < 0, -1.0, 1.0)).T
    after: Tensor = rows[torch.tensor([axis, *others]).argsort()]
    return after


class Tour(Projection):
    """xy = (x - m) A B: m (d,) mean and A (d, k) principal axes of the first features, B (k, 2) the basis that rotates."""

    name = "tour"
    title = "Linear tour (drag the axes)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "speed",
            0.0,
            0.0,
            0.2,
            "linear",
            "radians a frame",
            "How fast the view rotates; 0 stands still.",
        ),
    )
    speed: float
    _basis: Tensor  # (k, k)
    _reach: float

    def set(self, name: str, value: Any) -> None:
        super().set(name, value)
        self.moves = self.speed > 0

    def reset(self) -> None:
        super().reset()
        self._frame: Tensor | None = None  # A

    @property
    def axes(self) -> np.ndarray | None:
        """Tips of the k axes: (k, 2) float32, in the map's units; None before the first features."""
        return (
            None
            if self._frame is None
            else (self._basis[:, :2] * self._reach).numpy().astype(np.float32)
        )

    def drag(self, axis: int, x: float, y: float) -> None:
        """Put the tip of this axis at (x, y), in the map's units; it acts from the next call on.

        Raises ValueError before the first features, for an unknown axis and for places that are not finite.
        """
        if self._frame is None:
            raise ValueError(
                "an axis can be dragged once there is a map: call the projection with features first"
            )
        k = len(self._basis)
        if not 0 <= axis < k or not math.isfinite(x) or not math.isfinite(y):
            raise ValueError(
                f"drag takes an axis between 0 and {k - 1} and finite x and y, got {axis!r}, {x!r}, {y!r}"
            )
        self._basis = dragged(self._basis, axis, x / self._reach, y / self._reach)

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        if self._frame is None or len(self._frame) != x.shape[1]:
            self._mean, self._frame = (
                x.mean(0),
                principal_axes(x, min(AXES, max(x.shape[1], 2))).to(x),
            )
            self._basis = torch.eye(self._frame.shape[1], dtype=torch.float64)
            self._reach = max(REACH * float(((x - self._mean) @ self._frame)[:, 0].std()), 1e-12)
        self._along = (x - self._mean.to(x)) @ self._frame.to(x)  # (n, k)

    def _move(self, steps: int | None, *, budgeted: bool, gliding: bool) -> None:
        self._basis = rotated(self._basis, self.speed)

    def _place(self) -> Tensor:
        return self._along @ self._basis[:, :2].to(self._along)
