"""Tells what the learner moved from what the code moved: callbacks are silent in the thread that sets by code."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Silence:
    """`with silence.kept():` this thread's moves are the code's; another thread's, the learner's, are still heard."""

    def __init__(self) -> None:
        self._threads: list[int] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        me = threading.get_ident()
        self._threads.append(me)
        try:
            yield
        finally:
            self._threads.remove(me)

    @property
    def now(self) -> bool:
        """Whether this thread is moving widgets by code."""
        return threading.get_ident() in self._threads
