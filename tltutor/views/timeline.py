"""The timeline: a slider over the recorded frames, live at its right end; the browser owns its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bytes, Dict, Int, List, Unicode

from tltutor.views.channel import Channel

if TYPE_CHECKING:
    from tltutor.views.front import Front

MOST_TICKS = 200

Tick = tuple[int, str, str]  # frame, what happened, "change" or "branch"


class TimelineView(Channel):
    """Frames were recorded at `steps`; `position` is the number of the one looked at, -1 while live; only the learner moves it.

    ticks: [frame, text, "change" or "branch"] where something changed. chosen: the step that each label-free judge would have
    chosen, and the oracle's, by name. `on_branch(position)` hears "Play from here",
    `on_changed(position, start)` "What changed here?", since the look before or since the start. settled: how
    umap-learn's map of a pause stands, "", "waiting", "ready" or "shown"; `on_settled()` hears that it is wanted, or no more.
    """

    steps = Bytes().tag(sync=True)  # int32, of each frame
    reached = Int(0).tag(sync=True)  # how far the run is; the map may be some steps behind
    position = Int(-1).tag(sync=True)
    ticks: List[Any] = List().tag(sync=True)
    settled = Unicode("").tag(sync=True)
    chosen = Dict().tag(sync=True)

    def __init__(self) -> None:
        self.on_scrub: Callable[[int], None] = lambda _: None
        self.on_branch: Callable[[int], None] = lambda _: None
        self.on_changed: Callable[[int, bool], None] = lambda *_: None
        self.on_settled: Callable[[], None] = lambda: None
        super().__init__()
        self.on_msg(self._heard)

    def receive(self, kind: str, content: dict[str, Any], front: Front | None = None) -> None:
        """As every part's; `on_scrub(position)` hears where a person put the timeline, never what the code did."""
        before = self.position
        super().receive(kind, content, front)
        if self.position != before:
            self.on_scrub(self.position)

    def show(self, steps: Sequence[int], ticks: Iterable[Tick] = ()) -> None:
        """The steps of all frames, and the latest 200 of these ticks."""
        with self.hold_sync():
            self.steps = np.asarray(steps, "<i4").tobytes()
            self.ticks = [list(tick) for tick in ticks][-MOST_TICKS:]

    @property
    def length(self) -> int:
        """How many frames there are."""
        return len(self.steps) // 4

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "settled" and self.settled in ("ready", "shown"):
            self.on_settled()
        position = int(content.get("position", -1))
        if not 0 <= position < self.length:
            return
        if content.get("kind") == "branch":
            self.on_branch(position)
        elif content.get("kind") == "changed":
            self.on_changed(position, bool(content.get("start")))
