"""Two boards' maps and sliders side by side under one row of buttons and over one timeline; it is told, and calls handlers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from tltutor.views.front import Front
from tltutor.views.header import Header
from tltutor.views.said import ComparedView, FrameView, LanguageSwitch, StatusView
from tltutor.views.steering import choose, connect_timeline, guarded_pair
from tltutor.views.timeline import TimelineView

if TYPE_CHECKING:
    from tltutor.views.board import Board, Handlers
    from tltutor.views.channel import Channel
    from tltutor.views.timeline import Tick

SHARED = ("pair", "projection", "seed")


class SideBySide:
    """`widget` shows parts of two boards, which stay those boards' own; a fault of a handler lands in the first one's red panel.

    Methods that show may be called from any thread.
    """

    def __init__(
        self, boards: tuple[Board, Board], handlers: Handlers, *, presenter: bool = False
    ) -> None:
        self._boards, self.handlers = boards, handlers
        self._lock, self._playing = threading.RLock(), False
        guarded = boards[0].guarded
        chosen = guarded_pair(guarded, partial(choose, handlers))
        self.frame = FrameView(hidden=sorted(boards[0].hidden), presenter=presenter)
        self.header = Header(guarded(self._pressed), chosen)
        self.status, self.timeline = StatusView(), TimelineView()
        self.switch = LanguageSwitch(guarded)
        self.compared = tuple(ComparedView() for _ in boards)
        connect_timeline(self.timeline, handlers, guarded)

    @property
    def own(self) -> dict[str, Channel]:
        """The parts that belong to the comparison itself."""
        return {
            "frame": self.frame,
            "header": self.header,
            "status": self.status,
            "language": self.switch,
            "timeline": self.timeline,
            **{f"compared{side}": part for side, part in enumerate(self.compared)},
        }

    @property
    def parts(self) -> dict[str, Channel]:
        """What the page draws: its own parts, and each board's, by name and side."""
        lent = {
            f"{name}{side}": board.parts[name]
            for side, board in enumerate(self._boards)
            for name in ("header", "error", "map", "controls")
        }
        return {**self.own, **lent}

    @cached_property
    def widget(self) -> Front:
        """The widget that shows both; made when it is first asked for."""
        return Front(self.parts, "compare")

    def _pressed(self, button: str) -> None:
        if button == "play":
            (self.handlers.pause if self._playing else self.handlers.play)()
        else:
            getattr(self.handlers, button)()

    def sleep(self, reason: str = "") -> None:
        """Play and Step cannot be pressed, for this reason (in English); without one they can again."""
        self.header.sleep(reason)

    def show_choices(self) -> None:
        """The first board's choices, as they are now; no handler hears it."""
        first = self._boards[0].header
        self.header.show(
            {name: first.offered(name) for name in ("pair", "projection")},
            {name: first.chosen[name] for name in SHARED if name in first.chosen},
        )

    @property
    def position(self) -> int:
        """The frame that is looked at, -1 while live."""
        return int(self.timeline.position)

    def show_status(self, state: str, step: int, steps: int, **about: Any) -> None:
        """Where both are: the one that is behind counts. about: device, rate, note."""
        with self._lock:
            self._playing = state == "playing"
            self.status.show(state=state, step=step, steps=steps, **about)
            self.header.playing = self._playing
            self.timeline.reached = step

    def show_recorded(self, steps: Sequence[int], ticks: Iterable[Tick]) -> None:
        """These steps were looked at in one or the other."""
        with self._lock:
            self.timeline.show(steps, ticks)

    def show_titles(self, titles: Iterable[str], accuracies: Iterable[float | None]) -> None:
        """What sets each run apart beside its objective, and its target accuracy at the frame that is shown."""
        with self._lock:
            for part, title, accuracy in zip(self.compared, titles, accuracies, strict=True):
                part.show(title, accuracy)

    def close(self) -> None:
        """Close what is its own; the boards' parts stay theirs."""
        if "widget" in vars(self):
            self.widget.close()
        for part in self.own.values():
            part.close()
