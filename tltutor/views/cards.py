"""Question cards and notes: a question, a field to answer in, one button, feedback that is announced; they judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeAlias

import anywidget
import ipywidgets as w

from tltutor.language import mark, tr
from tltutor.views.answers import Field, Options
from tltutor.views.closing import close_tree
from tltutor.views.modules import bundled

_HERE = Path(__file__).parent
Mood: TypeAlias = Literal["plain", "noted", "right", "wrong"]
_LEADS: Mapping[str, str] = {
    "plain": "",
    "noted": mark("Noted."),
    "right": mark("Yes."),
    "wrong": mark("Not quite."),
}


@dataclass(frozen=True)
class Note:
    """A short answer to the learner: plain words, and a mood that colors them; `final` closes the card that shows it."""

    text: str
    mood: Mood = "plain"
    final: bool = False

    def __repr__(self) -> str:
        return f"{self.lead} {self.text}".strip()

    @property
    def lead(self) -> str:
        """The mood in a word; "" where the text begins with it."""
        word = tr(_LEADS[self.mood]) if _LEADS[self.mood] else ""
        stem = word.rstrip(".。")
        return "" if self.text.startswith(tuple(stem + end for end in ".:。：")) else word

    @property
    def html(self) -> str:
        """The words, escaped; the mood is said too, not only colored."""
        lead = f"<b>{self.lead}</b> " if self.lead else ""
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
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in row)}</tr>" for row in self.rows
        )
        remark = (
            f'<p class="tlt-note tlt-note-plain">{escape(self.remark)}</p>' if self.remark else ""
        )
        return f'<table class="tlt-beside"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{remark}'


class CardFrame(anywidget.AnyWidget):
    """Unseen: brings the cards' style sheet, makes the radio buttons one group and the feedback a live region.

    commit() is called for a press of the card's button, after every choice that was made before it: Jupyter holds a choice back
    while the one before is under way, but not a press.
    """

    _esm = bundled(_HERE / "cards.js")
    _css = (_HERE / "cards.css").read_text("utf-8")

    def __init__(self, commit: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._commit = commit
        self.on_msg(self._heard)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "press":
            self.send({"kind": "pressed"})
        elif content.get("kind") == "commit":
            self._commit()


@dataclass(frozen=True)
class Words:
    """What a card says: its kind, the question, the button."""

    kind: str
    question: str
    button: str

    @property
    def html(self) -> str:
        """Kind and question, escaped."""
        return f'<div class="tlt-kind">{escape(self.kind)}</div><div class="tlt-question">{escape(self.question)}</div>'


class Card:
    """One question. `on_commit(answer)` returns the note to show; until there is an answer the button sleeps."""

    def __init__(self, words: Words, field: Field, on_commit: Callable[[Any], Note]) -> None:
        self.words, self.field, self._on_commit, self._closed = words, field, on_commit, False
        self._asked = w.HTML(words.html)
        self.button = w.Button(description=words.button, disabled=True)
        self.feedback = w.HTML()
        self.widget = w.Box(
            [CardFrame(self._commit), self._asked, field.widget, self.button, self.feedback]
        )
        for part, name in (
            (self.button, "commit"),
            (self.feedback, "feedback"),
            (self.widget, f"asks-{field.kind}"),
        ):
            part.add_class(f"tlt-{name}")
        self.widget.add_class("tlt-card")
        field.listen(self._answered)
        self.button.on_click(lambda _: self._commit())

    def _answered(self) -> None:
        if not self._closed:
            self.button.disabled = self.field.value is None
            self.feedback.value = ""

    def _commit(self) -> None:
        answer = self.field.value
        if answer is not None and not self._closed:
            self.show(answer, self._on_commit(answer))

    def show(self, answer: Any, note: Note) -> None:
        """Mark this answer and show the note; a final one closes the card."""
        self.field.show(answer)
        self.feedback.value = note.html
        if note.final:
            self._closed = self.button.disabled = True
            self.field.lock()

    def tell(self, words: Words, options: Sequence[tuple[str, str]] = ()) -> None:
        """Say it in other words; options: the labels of the same keys."""
        self.words, self._asked.value, self.button.description = words, words.html, words.button
        if isinstance(self.field, Options):
            self.field.relabel(options)

    @property
    def html(self) -> str:
        """The question and its options where no kernel answers, escaped."""
        options = self.field.widget.options if isinstance(self.field, Options) else ()
        items = "".join(f"<li>{escape(label)}</li>" for label, _ in options)
        return f'<div class="tlt-card">{self.words.html}<ul>{items}</ul></div>'

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

    @property
    def html(self) -> str:
        """The cards where no kernel answers."""
        return "".join(card.html for card in self.cards)

    def close(self) -> None:
        """Close every card."""
        close_tree(self.widget)
