"""Answers a pause with umap-learn's own, settled map of the features, fitted in a worker process; it knows no widget."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tltutor.events import Snapshot
from tltutor.projections.settled import Settler

if TYPE_CHECKING:
    from tltutor.recording import Recording

WARM_AFTER = 5  # heartbeats at rest before the first run, about a second each: by then whoever opened the board is reading


@dataclass(frozen=True, eq=False)
class Settled:
    """A settled map: places (n, 2) of the features looked at after `step` steps."""

    step: int
    xy: np.ndarray


class Settling:
    """Follows one board's run: asks for a settled map when it rests, forgets it when it goes on.

    show(state) hears "" (nothing to show), "waiting", "ready" or "shown"; settled: the map, once there is one.
    """

    def __init__(
        self, show: Callable[[str], None], settler: Callable[[], Settler] | None = None
    ) -> None:
        self._show, self._settler = show, settler or shared_settler
        self._lock = threading.RLock()  # heartbeats, answers and clicks come on three threads
        self._asked: Snapshot | None = None
        self._rests = 0
        self.settled: Settled | None = None
        self.shown = False

    def on_heartbeat(self, state: str, recording: Recording) -> None:
        """About once a second, and whenever the run's state changes."""
        look = recording.latest
        if state == "playing":
            self.forget()
        elif state in ("paused", "finished") and look is not None and look is not self._asked:
            self._ask(look, recording)
        elif state == "ready":
            self._rests += 1
            if self._rests == WARM_AFTER:
                self._settler().warm()

    def _ask(self, look: Snapshot, recording: Recording) -> None:
        with self._lock:
            self.forget()
            self._asked = look
        if (
            len(look.features) < 3
            or not np.isfinite(look.features).all()
            or np.ptp(look.features, axis=0).max() == 0
        ):
            return  # umap-learn could say nothing of these
        frames = recording.frames
        start = frames[-1].xy if frames else None
        self._show("waiting")
        self._settler().ask(
            look.features,
            look.step,
            lambda step, answer: self._take(look, step, answer),
            start=start,
        )

    def _take(self, look: Snapshot, step: int, answer: np.ndarray | Exception) -> None:
        with self._lock:
            if look is not self._asked:
                return
            self.settled = None if isinstance(answer, Exception) else Settled(step, answer)
            self._show("ready" if self.settled else "")

    def toggle(self) -> Settled | None:
        """Show the settled map, or the live one again: the map to show, or None for the live one."""
        with self._lock:
            self.shown = self.settled is not None and not self.shown
            self._tell()
            return self.settled if self.shown else None

    def hide(self) -> None:
        """Another picture takes the settled map's place; it can be shown again."""
        with self._lock:
            if self.shown:
                self.shown = False
                self._tell()

    def _tell(self) -> None:
        self._show("shown" if self.shown else "ready" if self.settled else "")

    def forget(self) -> None:
        """The run goes on: the settled map is of the past."""
        with self._lock:
            if self._asked is not None:
                self._asked = self.settled = None
                self.shown = False
                self._show("")


@cache
def shared_settler() -> Settler:
    """One worker for all boards of a kernel."""
    settler = Settler()
    atexit.register(settler.close)
    return settler
