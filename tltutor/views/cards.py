"""Question cards and notes: a question, radio buttons, one button, feedback that screen readers announce; they judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeAlias

import anywidget
import ipywidgets as w

from tltutor.views.closing import close_tree

_HERE = Path(__file__).parent
Mood: TypeAlias = Literal["plain", "noted", "right", "wrong"]
_LEADS: Mapping[str, str] = {"plain": "", "noted": "Noted.", "right": "Yes.", "wrong": "Not quite."}


@dataclass(frozen=True)
class Note:
    """A short answer to the learner: plain words, and a mood that colours them; `final` closes the card that shows it."""

    text: str
    mood: Mood = "plain"
    final: bool = False

    def __repr__(self) -> str:
        return f"{_LEADS[self.mood]} {self.text}".strip()

    @property
    def html(self) -> str:
        """The words, escaped; the mood is said too, not only coloured."""
        lead = f"<b>{_LEADS[self.mood]}</b> " if _LEADS[self.mood] else ""
        return f'<p class="tlt-note tlt-note-{self.mood}">{lead}{escape(self.text)}</p>'

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True)
class Table:
    """Rows of words under headings, and a remark below; a notebook shows it as a table."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    remark: str = ""

    def __repr__(self) -> str:
        lines = [" | ".join(row) for row in (self.head, *self.rows)]
        return "\n".join([*lines, self.remark]).strip()

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(word)}</th>' for word in self.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in row)}</tr>" for row in self.rows)
        remark = f'<p class="tlt-note tlt-note-plain">{escape(self.remark)}</p>' if self.remark else ""
        return f'<table class="tlt-beside"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{remark}'


class CardFrame(anywidget.AnyWidget):
    """Unseen: brings the cards' style sheet, makes the radio buttons one group and the feedback a live region."""

    _esm = _HERE / "cards.js"
    _css = _HERE / "cards.css"


class Card:
    """One question. `on_commit(chosen)` returns the note to show; until something is chosen the button sleeps."""

    def __init__(self, question: str, options: Sequence[str], on_commit: Callable[[str], Note], *, kind: str, button: str) -> None:
        self._on_commit = on_commit
        self.radios = w.RadioButtons(options=list(options), value=None, layout=w.Layout(width="auto"))
        self.button = w.Button(description=button, disabled=True)
        self.feedback = w.HTML()
        question_html = f'<div class="tlt-kind">{escape(kind)}</div><div class="tlt-question">{escape(question)}</div>'
        self.widget = w.Box([CardFrame(), w.HTML(question_html), self.radios, self.button, self.feedback])
        for part, name in ((self.widget, "card"), (self.button, "commit"), (self.feedback, "feedback")):
            part.add_class(f"tlt-{name}")
        self.radios.observe(self._chose, "value")
        self.button.on_click(self._commit)

    def _chose(self, change: Any) -> None:
        self.button.disabled = change["new"] is None
        self.feedback.value = ""

    def _commit(self, _: w.Button) -> None:
        if self.radios.value is not None:
            self.show(self.radios.value, self._on_commit(self.radios.value))

    def show(self, chosen: str, note: Note) -> None:
        """Mark this choice and show the note; a final one closes the card."""
        self.radios.value = chosen
        self.feedback.value = note.html
        if note.final:
            self.radios.disabled = self.button.disabled = True

    def close(self) -> None:
        """Close the card's widgets."""
        close_tree(self.widget)


class CardStack:
    """Several cards under one another, and a line below that says how it went."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.cards = tuple(cards)
        self.summary = w.HTML()
        self.summary.add_class("tlt-feedback")
        self.widget = w.Box([*(card.widget for card in self.cards), self.summary])
        self.widget.add_class("tlt-cards")

    def close(self) -> None:
        """Close every card."""
        close_tree(self.widget)
