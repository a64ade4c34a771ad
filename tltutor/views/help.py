"""An exercise's card: what the check said, hints opened one at a time, and the solution behind them; it checks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as w

from tltutor.language import tr
from tltutor.views.cards import CardFrame, Note, Words
from tltutor.views.closing import close_tree


class HelpCard:
    """`on_open("hint" or "solution")` hears what the learner opens. After the last hint the button opens the solution."""

    def __init__(self, note: Note, on_open: Callable[[str], None]) -> None:
        self.note, self._on_open, self.opened = note, on_open, 0
        self._title, self._hints, self._solution = "", tuple[str, ...](), ""
        self._asked, self.feedback, self.helped = w.HTML(), w.HTML(note.html), w.HTML()
        self.button = w.Button()
        self.widget = w.Box(
            [CardFrame(self._more), self._asked, self.feedback, self.helped, self.button]
        )
        for part, name in (
            (self.widget, "card"),
            (self.feedback, "feedback"),
            (self.helped, "helped"),
            (self.button, "commit"),
        ):
            part.add_class(f"tlt-{name}")
        self.widget.add_class("tlt-exercise")
        self.button.on_click(lambda _: self._more())

    def tell(self, title: str, hints: Sequence[str], solution: str) -> None:
        """Its words; what is open stays open."""
        self._title, self._hints, self._solution = title, tuple(hints), solution
        self._draw()

    def open(self, what: str) -> None:
        """Open the next hint ("hint") or all of them and the solution ("solution"); no other word does anything."""
        if what == "hint":
            self.opened = min(self.opened + 1, len(self._hints))
        elif what == "solution":
            self.opened = len(self._hints) + 1
        self._draw()

    def _more(self) -> None:
        what = "hint" if self.opened < len(self._hints) else "solution"
        self.open(what)
        self._on_open(what)

    def _draw(self) -> None:
        kind = tr("Exercise: solved") if self.note.mood == "right" else tr("Exercise")
        self._asked.value = Words(kind, self._title, "").html
        self.helped.value = "".join(self._opened())
        self.button.description = self._next
        self.button.layout.display = "none" if self.opened > len(self._hints) else ""

    @property
    def _next(self) -> str:
        """What the button opens."""
        if self.opened < len(self._hints):
            return tr("Hint {number} of {all}", number=self.opened + 1, all=len(self._hints))
        return tr("Show the solution")

    def _opened(self) -> Sequence[str]:
        parts = [
            self._fold(tr("Hint {number} of {all}", number=i, all=len(self._hints)), escape(hint))
            for i, hint in enumerate(self._hints[: self.opened], 1)
        ]
        if self.opened > len(self._hints):
            parts.append(self._fold(tr("Solution"), f"<pre>{escape(self._solution)}</pre>"))
        return parts

    @staticmethod
    def _fold(title: str, inside: str) -> str:
        return f'<div class="tlt-hint"><b>{escape(title)}</b> {inside}</div>'

    @property
    def html(self) -> str:
        """The note, with hints and solution folded, where no kernel answers."""
        folds = [
            (tr("Hint {number} of {all}", number=i, all=len(self._hints)), escape(h))
            for i, h in enumerate(self._hints, 1)
        ]
        folds.append((tr("Solution"), f"<pre>{escape(self._solution)}</pre>"))
        inside = "".join(
            f"<details><summary>{escape(title)}</summary>{text}</details>" for title, text in folds
        )
        return f'<div class="tlt-card">{self._asked.value}{self.note.html}{inside}</div>'

    def close(self) -> None:
        """Close the card's widgets."""
        close_tree(self.widget)
