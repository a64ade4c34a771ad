"""How often somebody may ask: a bucket for each, which empties by one with each request and fills again with time."""

from __future__ import annotations

import time
from collections.abc import Callable

REMEMBERED = 10_000  # buckets; beyond that, the one that was used longest ago is forgotten


class Limit:
    """`burst` requests at once, and `rate` a second after that. The clock is monotonic: setting the time changes nothing."""

    def __init__(
        self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst, self.rate, self._clock = burst, rate, clock
        self._left: dict[str, tuple[float, float]] = {}  # what is left, and when that was

    def allows(self, who: str) -> bool:
        """Count a request; return False if it is one too many."""
        now = self._clock()
        left, then = self._left.pop(who, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.rate)
        self._left[who] = (left - (left >= 1), now)
        if len(self._left) > REMEMBERED:
            del self._left[next(iter(self._left))]
        return left >= 1
