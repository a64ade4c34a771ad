"""A table that a notebook shows and writes anew while the boards that it tells of train."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from tltutor.views.cards import Table

LOOKS = 0.5  # seconds between two looks at whether there is news
REST = 1.5  # seconds after a table was written: a run may have most of the processor
_following: dict[
    str, threading.Event
] = {}  # what ends the table of each name that a notebook shows


class LiveTable(Table):
    """The table that `write` returns, in a notebook written anew whenever `state` is another.

    state: cheap, called twice a second in a thread. The next table of the same name ends this one, and so does an error:
    then it stays as it is.
    """

    def __init__(
        self, name: str, write: Callable[[], Table], state: Callable[[], Hashable]
    ) -> None:
        self._name, self._write, self._state = name, write, state
        self._shown = state()
        now = write()
        super().__init__(now.head, now.rows, now.remark)

    def _ipython_display_(self) -> None:
        from IPython.display import display  # type: ignore[attr-defined, unused-ignore]

        first = Table(self.head, self.rows, self.remark)
        shown = display(first, display_id=True)  # type: ignore[no-untyped-call, unused-ignore]
        self.follow(shown.update if shown is not None else lambda _: None)

    def follow(self, show: Callable[[Table], Any]) -> threading.Thread:
        """Give each new table to `show`, in a thread of its own; it speaks to the cell that runs now."""
        over = threading.Event()
        _following.pop(self._name, threading.Event()).set()
        _following[self._name] = over
        followed = partial(contextvars.copy_context().run, self._follow, over, show)
        thread = threading.Thread(target=followed, name=f"{self._name}-table", daemon=True)
        thread.start()
        return thread

    def _follow(self, over: threading.Event, show: Callable[[Table], Any]) -> None:
        shown = self._shown
        while not over.wait(LOOKS):
            if (now := self._state()) != shown:
                show(self._write())
                shown = now
                over.wait(REST)
