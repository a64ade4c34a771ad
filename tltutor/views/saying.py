"""A place for words of ours, which says them again in the language in use whenever that changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as w

from tltutor.language import follow


def _nothing() -> str:
    return ""


class Saying(w.HTML):  # type: ignore[misc]  # ipywidgets tells no types
    """`say(words)` shows the HTML that words() gives; what has not changed is not sent. Any thread may say something."""

    value: Any

    def __init__(self, **about: Any) -> None:
        self._words: Callable[[], str] = _nothing
        self._order = threading.Lock()
        super().__init__(**about)
        follow(self.retell)

    def say(self, words: Callable[[], str]) -> None:
        """Show this from now on."""
        with self._order:
            self._words = words
            self._show()

    def retell(self) -> None:
        """The same in the language in use."""
        with self._order:
            self._show()

    def _show(self) -> None:
        text = self._words()
        if self.value != text:
            self.value = text
