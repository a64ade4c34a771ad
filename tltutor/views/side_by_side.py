"""Two boards' maps and sliders side by side under one row of buttons and over one timeline; it is told, and calls handlers."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from tltutor.language import follow, mark
from tltutor.views.board import Frame, Handlers
from tltutor.views.closing import close_tree
from tltutor.views.header import BUTTONS, Headed, Header
from tltutor.views.markup import compared, status_line
from tltutor.views.saying import Saying
from tltutor.views.silence import Silence
from tltutor.views.sparing import Sparing
from tltutor.views.switch import LanguageSwitch
from tltutor.views.timeline import TimelineView

if TYPE_CHECKING:
    from tltutor.views.board import Board
    from tltutor.views.timeline import Tick


TOOLTIPS = {
    "play": mark("Train both, step for step"),
    "step": mark("Train one step of both and pause"),
    "reset": mark("Begin both again: same settings, same seed"),
    "stop": mark("End both runs; what was recorded stays"),
}


class SideBySide(Headed):
    """`widget` shows parts of two boards, which stay those boards' own; a fault of a handler lands in the first one's red panel.

    Methods that show may be called from any thread.
    """

    def __init__(
        self, boards: tuple[Board, Board], handlers: Handlers, *, presenter: bool = False
    ) -> None:
        self._boards, self.handlers, self._make = boards, handlers, Sparing()
        self._lock, self._playing = threading.RLock(), False
        self._silence = Silence()
        self._header = Header(self._make, TOOLTIPS, ("pair", "projection", "seed", "speed"))
        self.play_button, self.step_button, self.reset_button, self.stop_button = (
            self._header.buttons[name] for name in BUTTONS
        )
        self.pair, self.projection, self.seed, self.speed = self._header.fields.values()
        self._status = self._make(Saying, names="tlt-status-place")
        self.switch = LanguageSwitch(self._make)
        self.language_button = self.switch.button
        self._said = tuple(self._make(Saying, names="tlt-compared-place") for _ in boards)
        self.timeline = TimelineView()
        self._place("board tlt-presenting" if presenter else "board")
        parts = {f"{name}_button": name for name in BUTTONS} | {
            name: name for name in (*self._header.fields, "timeline")
        }
        boards[0].conceal(parts | {"language_button": "language"}, self)
        self._listen()
        follow(self.retell)

    def _box(self, name: str, *children: w.DOMWidget) -> w.Box:
        return self._make(w.Box, children, names=f"tlt-{name}")

    def _place(self, name: str) -> None:
        self._lent = [self._box("lent", *lent) for board in self._boards for lent in board.column]
        each = zip(self._said, self._lent[::3], self._lent[1::3], self._lent[2::3], strict=True)
        columns = [
            self._box("column", self._box("side", chooser, said), map_, sliders)
            for said, chooser, map_, sliders in each
        ]
        duel = self._box("duel", *columns)
        top = self._box("status-row", self._status, self.language_button)
        self.widget = self._box(name, Frame(), self._header.widget, top, duel, self.timeline)

    def _listen(self) -> None:
        guarded, handlers = self._boards[0].guarded, self.handlers
        self.play_button.on_click(
            guarded(lambda _: (handlers.pause if self._playing else handlers.play)())
        )
        self.step_button.on_click(guarded(lambda _: handlers.step()))
        self.reset_button.on_click(guarded(lambda _: handlers.reset()))
        self.stop_button.on_click(guarded(lambda _: handlers.stop()))
        self.language_button.on_click(guarded(lambda _: self.switch.turn()))
        self.speed.observe(guarded(self._pace), "value")
        for what in ("pair", "projection", "seed"):
            self._header.fields[what].observe(guarded(partial(self._choose, what)), "value")
        self.timeline.observe(
            guarded(lambda change: handlers.scrub(change["new"] if change["new"] >= 0 else None)),
            "position",
        )
        self.timeline.on_branch = guarded(handlers.branch)
        changed = guarded(lambda asked: handlers.changed(*asked))
        self.timeline.on_changed = lambda position, start: changed((position, start))

    def _pace(self, change: Any) -> None:
        if not self._silence.now:
            self.handlers.set("speed", change["new"])

    def _choose(self, what: str, change: Any) -> None:
        if not self._silence.now:
            self.handlers.choose(what, change["new"])

    def show_choices(self) -> None:
        """The first board's choices, as they are now; no handler hears it."""
        first = self._boards[0]
        with self._lock, self._silence.kept():
            offered = {"pair": first.pair.options, "projection": first.projection.options}
            self._header.show(
                offered, {name: getattr(first, name).value for name in (*offered, "seed")}
            )

    @property
    def position(self) -> int:
        """The frame that is looked at, -1 while live."""
        return int(self.timeline.position)

    @property
    def status_text(self) -> str:
        """The status line's HTML."""
        return str(self._status.value)

    def show_status(self, state: str, step: int, steps: int, **about: Any) -> None:
        """Where both are: the one that is behind counts. about: device, rate, note."""
        with self._lock:
            self._playing = state == "playing"
            self._status.say(lambda: status_line(state, step, steps=steps, **about))
            self._header.show_playing(playing=self._playing)

    def show_recorded(self, length: int, ticks: Iterable[Tick]) -> None:
        """So many steps were looked at in one or the other."""
        with self._lock:
            self.timeline.show(length, ticks)

    def show_titles(self, titles: Iterable[str], accuracies: Iterable[float | None]) -> None:
        """What sets each run apart beside its objective, and its target accuracy at the frame that is shown."""
        with self._lock:
            for said, title, accuracy in zip(self._said, titles, accuracies, strict=True):
                said.say(partial(compared, title, accuracy))

    def close(self) -> None:
        """Close what is its own; the boards' parts go back."""
        for lent in self._lent:
            lent.children = ()
        close_tree(self.widget)
