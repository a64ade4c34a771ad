"""The language switch of a board: its button is called by the language that it leads to, its tooltip says so in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from tltutor.language import LANGUAGES, follow, language

if TYPE_CHECKING:
    from tltutor.views.sparing import Sparing

ABOUT = "Language · 语言"


class LanguageSwitch:
    """`button` goes to the next language, for everything that is open; whoever listens to clicks calls `turn`."""

    def __init__(self, make: Sparing) -> None:
        self.button: Any = make(w.Button, names="tlt-language")
        self.retell()
        follow(self.retell)

    @property
    def next(self) -> str:
        """The language that comes after the one in use."""
        names = list(LANGUAGES)
        return names[(names.index(language()) + 1) % len(names)]

    def turn(self) -> None:
        """Go to the next language."""
        language(self.next)

    def retell(self) -> None:
        """Say where it leads."""
        title = LANGUAGES[self.next]
        self.button.description, self.button.tooltip = title, f"{ABOUT}: {title}"
