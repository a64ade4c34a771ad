"""The gate before the browser: at most two frames are unanswered at a time; of all that wait only the latest goes."""

from __future__ import annotations

from typing import Generic, TypeVar

Frame = TypeVar("Frame")


class Gate(Generic[Frame]):
    """Decides which frame may go and gives it its number; it sends nothing and knows no time but what it is told.

    limit: how many frames may be unanswered. patience: seconds without an answer after which the browser has stalled.
    """

    def __init__(self, limit: int = 2, patience: float = 2.0) -> None:
        self.limit, self.patience = limit, patience
        self.sequence = 0
        self.waiting: Frame | None = None
        self._flying: list[int] = []
        self._unanswered_since: float | None = None

    def offer(self, frame: Frame, now: float) -> Frame | None:
        """The frame that may go now, or None: then it waits, in the place of the one that waited before."""
        self.waiting = frame
        return self._release(now) if len(self._flying) < self.limit else None

    def answered(self, sequence: int, now: float) -> Frame | None:
        """The browser has every frame up to `sequence`; returns the waiting one if it may go now."""
        self._flying = [number for number in self._flying if number > sequence]
        self.heard(now)
        return self._release(now) if len(self._flying) < self.limit else None

    def heard(self, now: float) -> None:
        """The browser gave a sign of life."""
        self._unanswered_since = now if self._flying else None

    def ping(self, now: float) -> Frame | None:
        """Called about once a second: a frame that has waited too long for an answer goes all the same."""
        frame = self._release(now) if self.stalled(now) else None
        self._flying = self._flying[-self.limit :]
        if self._unanswered_since is None:
            self._unanswered_since = now
        return frame

    def stalled(self, now: float) -> bool:
        """Whether something has been unanswered for longer than `patience`."""
        return self._unanswered_since is not None and now - self._unanswered_since > self.patience

    def clear(self) -> None:
        """A new page, or new points: nothing is in flight any more; what waits goes on waiting."""
        self._flying, self._unanswered_since = [], None

    def _release(self, now: float) -> Frame | None:
        frame, self.waiting = self.waiting, None
        if frame is not None:
            self.sequence += 1
            self._flying.append(self.sequence)
            if self._unanswered_since is None:
                self._unanswered_since = now
        return frame
