"""Holds looking to a share of the time; it knows no clock and no player."""

from __future__ import annotations

from tltutor.settings import Setting

BUDGET = Setting(
    "budget",
    0.09,
    0.01,
    0.9,
    text="Share of the time that looks may take; on one or two cores also what moves the map.",
)


class Budget:
    """Holds a cost to a share of the time: after c seconds spent, the next waits until the work has had c (1 - b) / b.

    Work that went on beyond that counts for the next wait, so that the share holds on average where steps are long; it is
    `share` of the time as long as a step takes no longer than the wait, and less where a single step does.
    """

    def __init__(self, share: float) -> None:
        self.share = BUDGET.check(share)
        self._owed = self._most = 0.0

    @property
    def allows(self) -> bool:
        return self._owed <= 0

    def spend(self, seconds: float) -> None:
        """Looking took so long."""
        self._most = seconds * (1 - self.share) / self.share
        self._owed += self._most

    def earn(self, seconds: float) -> None:
        """Training took so long; unused budget does not pile up beyond one look's."""
        self._owed = max(self._owed - seconds, -self._most)
