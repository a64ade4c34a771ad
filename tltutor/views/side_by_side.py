"""Two boards' maps and sliders side by side under one row of buttons and over one timeline; it is told, and calls handlers."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from tltutor.views.board import BUTTONS, SPEEDS, Frame, Handlers
from tltutor.views.closing import close_tree
from tltutor.views.markup import compared, status_line
from tltutor.views.sparing import Sparing
from tltutor.views.timeline import TimelineView

if TYPE_CHECKING:
    from tltutor.views.board import Board
    from tltutor.views.timeline import Tick


class SideBySide:
    """`widget` shows parts of two boards, which stay those boards' own; a fault of a handler lands in the first one's red panel.

    Methods that show may be called from any thread.
    """

    def __init__(self, boards: tuple[Board, Board], handlers: Handlers, *, presenter: bool = False) -> None:
        self._boards, self.handlers, self._make = boards, handlers, Sparing()
        self._lock, self._playing = threading.RLock(), False
        self.play_button = self._button("Play", "play", "Train both, step for step")
        self.step_button = self._button("Step", "step-forward", "Train one step of both and pause")
        self.reset_button = self._button("Reset", "undo", "Begin both again: same settings, same seed")
        self.stop_button = self._button("Stop", "stop", "End both runs; what was recorded stays")
        names = "tlt-field tlt-field-speed"
        self.speed = self._make(w.Dropdown, description="Speed", options=SPEEDS, tooltip="Steps a second at most", names=names)
        self._status = self._make(w.HTML, status_line("ready", 0, steps=0, device="", rate=None), names="tlt-status-place")
        self._said = tuple(self._make(w.HTML, "", names="tlt-compared-place") for _ in boards)
        self.timeline = TimelineView()
        self._place("board tlt-presenting" if presenter else "board")
        boards[0].conceal({f"{name}_button": name for name in BUTTONS} | {"speed": "speed", "timeline": "timeline"}, self)
        self._listen()

    def _button(self, text: str, icon: str, tooltip: str) -> w.Button:
        return self._make(w.Button, description=text, icon=icon, tooltip=tooltip, names=f"tlt-button tlt-{text.lower()}")

    def _box(self, name: str, *children: w.DOMWidget) -> w.Box:
        return self._make(w.Box, children, names=f"tlt-{name}")

    def _place(self, name: str) -> None:
        buttons = self._box("buttons", self.play_button, self.step_button, self.reset_button, self.stop_button)
        self._lent = [self._box("lent", *lent) for board in self._boards for lent in board.column]
        columns = [
            self._box("column", said, *self._lent[2 * i : 2 * i + 2]) for i, said in enumerate(self._said)
        ]  # two boxes of each board: its map with its error, and its sliders
        header, duel = self._box("header", buttons, self._box("fields", self.speed)), self._box("duel", *columns)
        self.widget = self._box(name, Frame(), header, self._status, duel, self.timeline)

    def _listen(self) -> None:
        guarded, handlers = self._boards[0].guarded, self.handlers
        self.play_button.on_click(guarded(lambda _: (handlers.pause if self._playing else handlers.play)()))
        self.step_button.on_click(guarded(lambda _: handlers.step()))
        self.reset_button.on_click(guarded(lambda _: handlers.reset()))
        self.stop_button.on_click(guarded(lambda _: handlers.stop()))
        self.speed.observe(guarded(lambda change: handlers.set("speed", change["new"])), "value")
        self.timeline.observe(guarded(lambda change: handlers.scrub(change["new"] if change["new"] >= 0 else None)), "position")
        self.timeline.on_branch = guarded(handlers.branch)
        changed = guarded(lambda asked: handlers.changed(*asked))
        self.timeline.on_changed = lambda position, start: changed((position, start))

    @property
    def position(self) -> int:
        """The frame that is looked at, -1 while live."""
        return int(self.timeline.position)

    def show_status(self, state: str, step: int, steps: int, **about: Any) -> None:
        """Where both are: the one that is behind counts. about: device, rate, note."""
        line = status_line(state, step, steps=steps, **about)
        with self._lock:
            self._playing = state == "playing"
            if self._status.value != line:
                self._status.value = line
            word = "Pause" if self._playing else "Play"
            if self.play_button.description != word:
                with self.play_button.hold_sync():
                    self.play_button.description, self.play_button.icon = word, word.lower()

    def show_recorded(self, length: int, ticks: Iterable[Tick]) -> None:
        """So many steps were looked at in one or the other."""
        with self._lock:
            self.timeline.show(length, ticks)

    def show_titles(self, titles: Iterable[str], accuracies: Iterable[float | None]) -> None:
        """What each run is, and its target accuracy at the frame that is shown."""
        with self._lock:
            for said, title, accuracy in zip(self._said, titles, accuracies, strict=True):
                text = compared(title, accuracy)
                if said.value != text:
                    said.value = text

    def close(self) -> None:
        """Close what is its own; the boards' parts go back."""
        for lent in self._lent:
            lent.children = ()
        close_tree(self.widget)
