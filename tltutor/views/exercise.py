"""An exercise's card: what the check said, hints opened one at a time, and the solution behind them; it checks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from traitlets import Bool, Dict, List, Unicode

from tltutor.language import tr
from tltutor.views.cards import CardView, Note, card_html, note_html
from tltutor.views.markup import Markup, tag


class ExerciseView(CardView):
    """`on_open("hint" or "solution")` hears what the learner opens. After the last hint the button opens the solution.

    opened: title and text of what is open, and whether the text is code; button: what it opens next, "" for nothing.
    solved: the button stands back, a hint is no next step any more.
    """

    kind = Unicode("").tag(sync=True)
    title = Unicode("").tag(sync=True)
    note = Dict().tag(sync=True)
    opened: List[Any] = List().tag(sync=True)
    button = Unicode("").tag(sync=True)
    solved = Bool(False).tag(sync=True)

    def __init__(self, note: Note, on_open: Callable[[str], None]) -> None:
        self._on_open, self._count = on_open, 0
        self._hints, self._solution = tuple[str, ...](), ""
        super().__init__(note=note.page, solved=note.mood == "right")
        self.on_msg(self._heard)

    def tell(self, title: str, hints: Sequence[str], solution: str) -> None:
        """Say it in these words; what is open stays open."""
        self.title, self._hints, self._solution = title, tuple(hints), solution
        self._show()

    def open(self, what: str) -> None:
        """Open the next hint ("hint") or all of them and the solution ("solution"); no other word does anything."""
        if what == "hint":
            self._count = min(self._count + 1, len(self._hints))
        elif what == "solution":
            self._count = len(self._hints) + 1
        self._show()

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "more" and self.button:
            what = "hint" if self._count < len(self._hints) else "solution"
            self.open(what)
            self._on_open(what)

    def _show(self) -> None:
        parts = self._parts
        left = [*(title for title, _, _ in parts[:-1]), tr("Show the solution"), ""]
        with self.hold_sync():
            self.kind = tr("Exercise: solved") if self.solved else tr("Exercise")
            self.opened, self.button = parts[: self._count], left[self._count]

    @property
    def _parts(self) -> list[list[Any]]:
        """Title, text, and whether it is code, of each hint and of the solution."""
        n = len(self._hints)
        hints = [
            [tr("Hint {number} of {all}", number=i, all=n), hint, False]
            for i, hint in enumerate(self._hints, 1)
        ]
        return [*hints, [tr("Solution"), self._solution, True]]

    @property
    def html(self) -> Markup:
        """The note, with hints and solution folded."""
        folds = [
            tag("details", tag("summary", title), tag("pre", text) if code else text)
            for title, text, code in self._parts
        ]
        return card_html(self.kind, self.title, note_html(self.note), *folds)

    @property
    def line(self) -> str:
        return f"{self.kind}, {self.title}: {self.note['lead']} {self.note['text']}"
