"""The linear tour: a view along two directions that turn slowly, or that are turned by dragging the axes' tips."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from tltutor.projections.linear import principal_axes
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting

AXES = 6  # how many principal axes the tour goes through
REACH = 2.0  # length of an axis that lies in the plane, in standard deviations along the first


def turned(basis: Tensor, angle: float) -> Tensor:
    """basis · prod_ij G_ij(angle w_ij), i in the plane, j beyond it: one step of a grand tour (Asimov, 1985, the torus method).

    basis (k, k) orthogonal, its first two columns the plane that is seen; G_ij(t) turns columns i and j by t. The speeds
    w_ij = sqrt(prime) / 5 have no common measure, so in time every view comes near. What only spins the plane is left out.
    """
    primes = (p for p in itertools.count(2) if all(p % q for q in range(2, p)))
    k = len(basis)
    for j, i in itertools.product(range(2, k), range(2)):
        t = angle * math.sqrt(next(primes)) / 5
        turn = torch.tensor([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]], dtype=basis.dtype)
        basis = basis.clone()
        basis[:, [i, j]] = basis[:, [i, j]] @ turn
    return basis


def dragged(basis: Tensor, axis: int, x: float, y: float) -> Tensor:
    """The basis (k, k) with row `axis` put at (x, y) in the plane, the other rows made orthonormal to it and each other.

    Direct manipulation of the grand tour (Li, Zhao & Scheidegger, Distill 2020): the row's part beyond the plane shrinks or
    grows until its length is 1, then Gram-Schmidt, the dragged row first. No tip is farther out than 1.
    """
    place = torch.tensor([x, y], dtype=basis.dtype)
    place = place / place.norm().clamp_min(1.0)
    beyond = basis[axis, 2:]
    if len(beyond) and beyond.norm() < 1e-6:
        beyond = torch.eye(len(beyond), dtype=basis.dtype)[0]
    row = torch.cat([place, (1 - place.square().sum()).clamp_min(0).sqrt() * beyond / beyond.norm().clamp_min(1e-12)])
    row = row / row.norm() if row.norm() > 1e-6 else basis[axis]  # with two axes a tip has nowhere to go but around
    others = [i for i in range(len(basis)) if i != axis]
    q, r = torch.linalg.qr(torch.cat([row[None], basis[others]]).T)  # Gram-Schmidt of the rows, up to signs
    rows = (q * torch.where(r.diagonal() < 0, -1.0, 1.0)).T
    after: Tensor = rows[torch.tensor([axis, *others]).argsort()]
    return after


class Tour(Projection):
    """xy = (x - m) A B: mean m (d,) and principal axes A (d, k) are those of the first look; the basis B (k, 2) turns, if at all."""

    name = "tour"
    title = "Linear tour (drag the axes)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("speed", 0.0, 0.0, 0.2, "linear", "radians a frame", "How fast the view turns; 0 is still."),
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
        """Where the tips of the k axes are: (k, 2) float32, in the map's units; None before the first look."""
        return None if self._frame is None else (self._basis[:, :2] * self._reach).numpy().astype(np.float32)

    def drag(self, axis: int, x: float, y: float) -> None:
        """Put the tip of this axis at (x, y), in the map's units; it acts from the next call on."""
        if self._frame is None:
            raise ValueError("an axis can be dragged once there is a map: call the projection with features first")
        k = len(self._basis)
        if not 0 <= axis < k or not math.isfinite(x) or not math.isfinite(y):
            raise ValueError(f"drag takes an axis between 0 and {k - 1} and finite x and y, got {axis!r}, {x!r}, {y!r}")
        self._basis = dragged(self._basis, axis, x / self._reach, y / self._reach)

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        if self._frame is None or len(self._frame) != x.shape[1]:
            self._mean, self._frame = x.mean(0), principal_axes(x, min(AXES, max(x.shape[1], 2))).to(x)
            self._basis = torch.eye(self._frame.shape[1], dtype=torch.float64)
            self._reach = max(REACH * float(((x - self._mean) @ self._frame)[:, 0].std()), 1e-12)
        self._along = (x - self._mean.to(x)) @ self._frame.to(x)  # (n, k)

    def _move(self, steps: int | None, *, whole: bool) -> None:
        self._basis = turned(self._basis, self.speed)

    def _place(self) -> Tensor:
        return self._along @ self._basis[:, :2].to(self._along)
