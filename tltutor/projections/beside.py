"""Place many points beside a layout of some of them: each stands by the laid-out point that is nearest to it in feature space."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tltutor.projections.leash import Leash

# Chosen here: means of the 3, 5 or 10 nearest, by inverse distance, stand between classes and are less trustworthy.
AROUND = 0.02  # radius of the disk around a laid-out point for those that stand by it, of the map's standard deviation
CHUNK = 2048  # rows whose distances are computed at a time
GOLDEN = math.pi * (3 - math.sqrt(5))  # an angle whose multiples nowhere lie close (Vogel, 1979)


class Beside:
    """n points of which `most` at most are laid out, evenly spaced among the rows.

    A leash holds the others as it holds the points of a layout: none moves farther than its own features' change allows.
    """

    def __init__(self, n: int, most: int) -> None:
        self.rows = torch.linspace(0, n - 1, most, dtype=torch.float64).round().long()
        i = torch.arange(n, dtype=torch.float64)
        radius = AROUND * torch.sqrt((i + 0.5) / n)
        self._shift = radius[:, None] * torch.stack(
            [torch.cos(GOLDEN * i), torch.sin(GOLDEN * i)], 1
        )
        self._x: Tensor | None = None
        self._y: Tensor | None = None  # where the points were shown last
        self._leash: Leash | None = None

    def look(self, x: Tensor) -> Tensor:
        """Take in the features x (n, d); return those of the points that are to be laid out, (m, d)."""
        if self._x is not None and self._y is not None:
            self._leash = Leash.between(self._x, x, self._y)
        self._x, laid = x, x[self.rows.to(x.device)]
        self.nearest = nearest_rows(x, laid)
        return laid

    def places(self, y: Tensor, *, held: bool) -> Tensor:
        """Return the places (n, 2) of all points, for those that are laid out at y (m, 2); held: on the leash."""
        found = y[self.nearest] + (y.std() * self._shift.to(y.device)).to(y)
        if held and self._leash is not None:
            found = self._leash.within(found)
        found[self.rows.to(y.device)] = y
        self._y = found
        return found


def nearest_rows(x: Tensor, laid: Tensor) -> Tensor:
    """Return for each row of x (n, d) which row of `laid` (m, d) is nearest: (n,); distances in float64."""
    if x.device.type != "mps":  # which has no float64
        x, laid = x.double(), laid.double()
    middle, unit = laid.mean(0), laid.abs().amax().clamp_min(torch.finfo(laid.dtype).tiny)
    laid = (laid - middle) / unit
    parts = [torch.cdist((part - middle) / unit, laid).argmin(1) for part in x.split(CHUNK)]
    return torch.cat(parts)


def part_of(layout: Any, n: int) -> int:
    """Return how many of n points a layout lays out, where the others stand beside these; 0: all of them."""
    few = layout.laid_out(n) if hasattr(layout, "laid_out") else n
    return few if few < n else 0
