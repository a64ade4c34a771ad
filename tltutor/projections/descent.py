"""Gradient descent for the points of a live map, with momentum and a gain for each coordinate (Jacobs, 1988)."""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import torch
from torch import Tensor

MOMENTUM = 0.9  # chosen here; the t-SNE paper goes from 0.5 to 0.8
GROWTH, SHRINKAGE = (
    0.2,
    0.8,
)  # of a gain: added, or multiplied, in each step (van der Maaten's code, openTSNE)
SMALLEST_GAIN = 0.01  # van der Maaten's code, openTSNE
LARGEST_GAIN = (
    10.0  # chosen here, so that a map that goes on for hours cannot take ever larger steps
)


class Moving(NamedTuple):
    """Positions, velocities and gains of the points: (n, 2) each, stored one coordinate after the other."""

    y: Tensor
    velocity: Tensor
    gains: Tensor

    @classmethod
    def at_rest(cls, y: Tensor) -> Moving:
        """Return points at y (n, 2) that do not move yet."""
        y = y.T.contiguous().T
        return cls(y, torch.zeros_like(y), torch.ones_like(y))

    def advance(self, slope: Tensor, rate: float, loops: ModuleType | None = None) -> Moving:
        """Take one step of size `rate` down the slope (n, 2).

        v <- MOMENTUM v - rate gain slope, y <- y + v. A gain grows while its coordinate moves downhill and shrinks when
        it has overshot.
        """
        if loops is not None:
            constants = (MOMENTUM, GROWTH, SHRINKAGE, SMALLEST_GAIN, LARGEST_GAIN)
            return Moving(*loops.advance(*self, slope=slope, rate=rate, constants=constants))
        downhill = slope * self.velocity < 0
        gains = torch.where(downhill, self.gains + GROWTH, self.gains * SHRINKAGE).clamp_(
            SMALLEST_GAIN, LARGEST_GAIN
        )
        velocity = (self.velocity * MOMENTUM).addcmul_(gains, slope, value=-rate)
        return Moving(self.y + velocity, velocity, gains)

    def centered(self) -> Moving:
        """Return the same motion with the mean of the positions at 0."""
        return self._replace(y=self.y - self.y.mean(0))
