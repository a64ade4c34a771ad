"""A series that stays small however long the run: when it is full, neighbors are merged into their mean."""

from __future__ import annotations

import math


class Thinned:
    """At most `limit` points (step, value), each the mean of `stride` numbers; the stride doubles when it is full."""

    def __init__(self, limit: int = 600) -> None:
        if limit < 2:
            raise ValueError(f"limit must be at least 2, got {limit}")
        self.limit, self.stride = limit, 1
        self.points: list[tuple[float, float]] = []
        self._bucket: list[tuple[float, float]] = []
        self._told = 0

    def append(self, step: float, value: float) -> None:
        """One more number; one that is not finite leaves no trace."""
        if not math.isfinite(value):
            return
        self._bucket.append((float(step), float(value)))
        if len(self._bucket) < self.stride:
            return
        self.points.append(_mean(self._bucket))
        self._bucket = []
        if len(self.points) >= self.limit:
            self._halve()

    def fresh(self) -> list[tuple[float, float]] | None:
        """The points since the last call, or None where older ones were merged and all must be told anew."""
        told, self._told = self._told, len(self.points)
        return None if told < 0 else self.points[told:]

    def all(self) -> list[tuple[float, float]]:
        """Every point there is; they count as told."""
        self._told = len(self.points)
        return self.points

    def _halve(self) -> None:
        odd = self.points[len(self.points) // 2 * 2 :]
        pairs = zip(self.points[::2], self.points[1::2], strict=False)
        self.points = [_mean(pair) for pair in pairs]
        self._bucket = odd * self.stride
        self.stride *= 2
        self._told = -1


def _mean(
    points: tuple[tuple[float, float], ...] | list[tuple[float, float]],
) -> tuple[float, float]:
    n = len(points)
    return sum(step for step, _ in points) / n, sum(value for _, value in points) / n
