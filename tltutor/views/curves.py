"""The curves in the browser: accuracies above, loss terms below, over the steps; only what is new travels."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Int, Unicode

from tltutor.language import mark
from tltutor.views.channel import Channel
from tltutor.views.thinning import Thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST_CHANGES = 200
SERIES = tuple(
    map(mark, ("target", "source", "probe", "target AP", "source AP"))
)  # the scores' names, as the page says them
WHOLE_EVERY = 25  # tellings: a page that missed one, and whose question a busy kernel leaves lying, is whole again soon


class CurvesView(Channel):
    """Two small charts: names that end in "accuracy" or "_AP" stand in the upper one (0 to 1), every other name is a loss term.

    `append` only collects; `flush` sends what is new. Both may be called from any thread. Tellings are numbered: a page
    that missed one asks, and is told everything there is, which is bounded however long the run. `on_points(name, step)`
    hears that a value of a curve was pressed.
    """

    told = SERIES
    scale = Unicode("auto").tag(
        sync=True
    )  # of the loss axis, "auto", "linear" or "log", as the page says
    cursor = Int(-1).tag(sync=True)  # the step that the map shows while scrubbing; -1 while live

    def __init__(self, limit: int = 600) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._series: dict[str, Thinned] = {}
        self._changes: list[tuple[int, str]] = []
        self._told_changes = self._tellings = 0
        self.on_points: Callable[[str, int], None] = lambda *_: None
        super().__init__()
        self.on_msg(self._heard)

    def append(self, step: int, numbers: Mapping[str, float]) -> None:
        """The numbers by name after `step` steps."""
        with self._lock:
            for name, value in numbers.items():
                if name not in self._series:
                    self._series[name] = Thinned(self._limit)
                self._series[name].append(step, float(value))

    def mark(self, changes: Iterable[tuple[int, str]]) -> None:
        """Put ticks on the axis, in the place of those before: (step, text when it is pointed at) of each."""
        with self._lock:
            self._changes, self._told_changes = list(changes)[-MOST_CHANGES:], -1

    def flush(self) -> None:
        """Send what was appended since the last flush."""
        with self._lock:
            fresh = {name: series.fresh() for name, series in self._series.items()}
            news = (
                any(points is None or points for points in fresh.values()) or self._told_changes < 0
            )
            if None in fresh.values() or (news and self._tellings % WHOLE_EVERY == WHOLE_EVERY - 1):
                self._tell_all()
            elif news:
                self._tell("more", {name: points for name, points in fresh.items() if points})

    def show_step(self, step: int | None) -> None:
        """Mark the step that the map shows; None while it is live."""
        self.cursor = -1 if step is None else int(step)

    def clear(self, terms: Iterable[str] = ()) -> None:
        """Forget everything: a run with these loss terms begins. Their order decides the order of their colors.

        Terms that are not named here follow in the order in which they come.
        """
        terms = tuple(terms)
        with self._lock:
            self._series, self._changes = (
                {f"loss/{name}": Thinned(self._limit) for name in terms},
                [],
            )
            self._tell_all()
        self.told = (*SERIES, *terms)
        self.tell_words()

    def _tell_all(self) -> None:
        self._tell("all", {name: series.all() for name, series in self._series.items()})

    def _tell(self, kind: str, series: Mapping[str, list[tuple[float, float]] | None]) -> None:
        names = [[name, len(points or ())] for name, points in series.items()]
        numbers = [
            number for points in series.values() for point in points or () for number in point
        ]
        self._told_changes = len(self._changes)
        self._tellings += 1
        changes = [list(change) for change in self._changes]
        content = {"kind": kind, "number": self._tellings, "series": names, "changes": changes}
        self.say(content, [np.array(numbers, dtype="<f4").tobytes()])

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "ready":
            with self._lock:
                self._tell_all()
        elif content.get("kind") == "points":
            self.on_points(str(content["name"]), round(float(content["step"])))
