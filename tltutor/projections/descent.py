"""How the points of a live map go down their gradient: with momentum, and a gain for each coordinate (Jacobs, 1988)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

MOMENTUM = 0.9
SMALLEST_GAIN, LARGEST_GAIN = 0.01, 10.0


def loops_fit(y: Tensor) -> bool:
    """Whether points at y (n, 2) are best moved by compiled loops (loops.py); whole matrices suit a GPU."""
    return y.device.type == "cpu" and y.dtype == torch.float32


class Moving(NamedTuple):
    """Where the points are, how fast they go and the gain of each coordinate: (n, 2) each, one coordinate after the other."""

    y: Tensor
    velocity: Tensor
    gains: Tensor

    @classmethod
    def at_rest(cls, y: Tensor) -> Moving:
        """Nothing moves yet."""
        y = y.T.contiguous().T
        return cls(y, torch.zeros_like(y), torch.ones_like(y))

    def advance(self, slope: Tensor, rate: float) -> Moving:
        """One step down the slope (n, 2): gains grow where a coordinate still goes downhill and shrink where it has gone too far."""
        if loops_fit(self.y):
            from tltutor.projections.loops import advance_loop

            return Moving(*advance_loop(*self, slope=slope, rate=rate))
        onwards = slope * self.velocity < 0
        gains = torch.where(onwards, self.gains + 0.2, self.gains * 0.8).clamp_(SMALLEST_GAIN, LARGEST_GAIN)
        velocity = (self.velocity * MOMENTUM).addcmul_(gains, slope, value=-rate)
        return Moving(self.y + velocity, velocity, gains)

    def centred(self) -> Moving:
        """The same, with the map's middle at 0."""
        return self._replace(y=self.y - self.y.mean(0))
