"""The engine of the live maps: places, momentum and eased affinities, carried from call to call; it knows no particular method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from tltutor.projections.distances import squared_distances
from tltutor.projections.linear import principal_axes

EASE = 0.5  # share of the way the affinities go towards the latest look in each frame
MOMENTUM = 0.8


class Gradient(Protocol):
    """A method's gradient (n, 2) at the places y (n, 2), for affinities p (n, n) that sum to 1 and pull `pull` times."""

    def __call__(self, y: Tensor, p: Tensor, pull: float, /) -> Tensor: ...


def springs(y: Tensor, m: Tensor) -> Tensor:
    """4 sum_j m_ij (y_i - y_j): (n, 2), for symmetric m (n, n)."""
    return torch.addmm(m.sum(1, keepdim=True) * y, m, y, alpha=-1).mul_(4)


class Layout:
    """Points that move down a gradient, a few small steps a frame, with momentum and a gain each (Jacobs, 1988).

    spread: standard deviation of the start, a PCA; rate: step size, in units of n; early: (pull, steps) of the cold start,
    then `settle` steps without. Points whose features are all the same say nothing, so the map holds still.
    """

    def __init__(self, gradient: Gradient, *, spread: float, rate: float, early: tuple[float, int], settle: int) -> None:
        self._gradient, self._spread, self._rate, self._early, self._settle = gradient, spread, rate, early, settle
        self._started = False

    def aim(self, x: Tensor, affinities: Callable[[Tensor], Tensor]) -> None:
        """Move towards the neighbourhoods of the features x (n, d) from now on; the first time, find a whole layout."""
        d2 = squared_distances(x)
        self._hold = not bool(d2.any())
        if not self._started:
            self.y = self._start(x)
            self._velocity, self._gains = torch.zeros_like(self.y), torch.ones_like(self.y)
        if self._hold:
            return
        self._target = affinities(d2)
        if not self._started:
            self._p, self._started = self._target.clone(), True
            pull, steps = self._early
            self._descend(steps, pull)
            self._descend(self._settle)

    def _start(self, x: Tensor) -> Tensor:
        y = (x - x.mean(0)) @ principal_axes(x).to(x)
        return y * (self._spread / y.std(0)[0].clamp_min(torch.finfo(y.dtype).tiny))

    def move(self, steps: int) -> None:
        """So many steps from here."""
        if self._hold:
            return
        self._p.lerp_(self._target, EASE)
        self._descend(steps)

    def _descend(self, steps: int, pull: float = 1.0) -> None:
        size = self._rate * len(self.y)
        for _ in range(steps):
            slope = self._gradient(self.y, self._p, pull)
            turned = (slope * self._velocity) > 0  # downhill is where the point does not go
            self._gains = torch.where(turned, self._gains * 0.8, self._gains + 0.2).clamp_(0.01)
            self._velocity.mul_(MOMENTUM).addcmul_(self._gains, slope, value=-size)
            self.y += self._velocity
        self.y -= self.y.mean(0)
