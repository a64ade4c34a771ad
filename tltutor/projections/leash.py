"""The leash of the live maps: a point moves no farther on the map than the change of its own features allows.

A layout is free to turn, shift and deform without any change of the features, and each step of its descent does so a little:
then what moves on the map says little about what moves in the network. The leash holds each point within a reach of where it
was at the features before, and the reach grows with the change of its own features.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import torch
from torch import Tensor

from tltutor.projections.descent import Moving

# All chosen here, on recorded runs of lesson 01 (source-only, DANN, MMD); `tltutor bench --maps motion` measures what they bring.
GIVE = 0.63  # reach of a point that changed as the mean did, as a share of its change, both in units of their spread
FLOOR = 0.25  # of the mean change: a point that changed less may still make room for others
SHARPNESS = 2  # power with which a point's own share of the change counts
PULL = 5.0  # where points want to go so many times as far as they may, the neighborhoods are others: the leash gives way
EVERY = 2  # steps between two pulls


def spread(x: Tensor) -> Tensor:
    """Return the root mean square distance of the rows of x (n, d) from their mean: a scalar."""
    return (x - x.mean(0)).square().sum(1).mean().sqrt()


class Leash(NamedTuple):
    """anchor (n, 2): where the points were at the features before. reach (n,): how far each may go from there."""

    anchor: Tensor
    reach: Tensor

    @classmethod
    def between(cls, before: Tensor, x: Tensor, y: Tensor) -> Self | None:
        """Return the leash from features (n, d) `before` to x for points at y (n, 2).

        None where nothing changed, as when a setting of the map did, or where the features are of another network: then
        nothing holds the points.
        """
        if before.shape != x.shape:
            return None
        largest = torch.maximum(x.abs().amax(), before.abs().amax())
        scale = largest.clamp_min(
            torch.finfo(x.dtype).tiny
        )  # squares of huge or tiny features would not be finite, or 0
        x, before = x / scale, before / scale
        unit, width = spread(x), spread(y)
        changed = (x - before).norm(dim=1)
        mean = changed.mean()
        if not bool(mean > 1e-6 * unit) or not bool(width > 0):
            return None
        own = (changed / mean).clamp_min(FLOOR) ** SHARPNESS
        return cls(y, (GIVE * width * (mean / unit) * own).to(y))

    def gives_way(self, y: Tensor) -> bool:
        """Whether points at y (n, 2) that were free want to go so far that the leash would hold up a new arrangement."""
        return bool((y - self.anchor).norm(dim=1).mean() > PULL * self.reach.mean())

    def pull(self, moving: Moving) -> Moving:
        """Return the motion with every point that is out of reach pulled back to it, and slowed down as much."""
        share = self._share(moving.y)
        return moving._replace(
            y=self.within(moving.y).T.contiguous().T,
            velocity=(moving.velocity * share).T.contiguous().T,
        )

    def within(self, y: Tensor) -> Tensor:
        """Return the places y (n, 2), those out of reach pulled back to it."""
        return self.anchor + (y - self.anchor) * self._share(y)

    def _share(self, y: Tensor) -> Tensor:
        """Return how much of its way each point may go: (n, 1)."""
        away = (y - self.anchor).norm(dim=1, keepdim=True)
        tiny = torch.finfo(away.dtype).tiny
        share: Tensor = (self.reach[:, None] / away.clamp_min(tiny)).clamp_max(1)
        return share
