"""Questions and notes: what is asked, a field to answer in, one button, what is said to the answer; they judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import traitlets
from traitlets import Bool, Dict, List, Unicode

from tltutor.language import mark, tr
from tltutor.views.answers import Field
from tltutor.views.channel import Channel
from tltutor.views.markup import Markup, tag

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
    def page(self) -> dict[str, str]:
        """The note as a page draws it: the mood is said too, not only colored."""
        return {"mood": self.mood, "lead": self.lead, "text": self.text}

    @property
    def html(self) -> Markup:
        """The note without a page's program."""
        return note_html(self.page)

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
        head = tag("tr", *(tag("th", word, scope="col") for word in self.head))
        rows = [tag("tr", *(tag("td", word) for word in row)) for row in self.rows]
        table = tag("table", tag("thead", head), tag("tbody", *rows), class_="tlt-beside")
        return table + (Note(self.remark).html if self.remark else "")


def note_html(note: Mapping[str, str]) -> Markup:
    """A note as a page draws it, as HTML; nothing for an empty one."""
    if not note:
        return Markup()
    lead = [tag("b", note["lead"]), " "] if note["lead"] else []
    return tag("p", *lead, note["text"], class_=f"tlt-note tlt-note-{note['mood']}")


def card_html(kind: str, question: str, *parts: str) -> Markup:
    """A card without a page's program."""
    asked = tag("div", tag("b", question), class_="tlt-question")
    head = (tag("div", kind, class_="tlt-kind"), asked)
    return tag("div", *head, *parts, class_="tlt-card")


@dataclass(frozen=True)
class Words:
    """What a card says: its kind, the question, the button."""

    kind: str
    question: str
    button: str

    @property
    def page(self) -> dict[str, str]:
        """The words as a page draws them."""
        return {"kind": self.kind, "question": self.question, "button": self.button}


class CardView(Channel):
    """A part of a card, and what is left of it where no kernel answers."""

    @property
    def html(self) -> Markup:
        """The part without a page's program."""
        raise NotImplementedError

    @property
    def line(self) -> str:
        """The part where nothing but text is shown."""
        raise NotImplementedError


class QuestionView(CardView):
    """One question. `on_commit(answer)` returns the note to show; the page offers its button once there is an answer.

    draft: what is chosen, typed or drawn so far. reason: why the card sleeps, shown in place of question, field and button.
    truth: (x, y) of the learner's own run, drawn over a sketch. closed: no other answer is taken.
    """

    words = Dict().tag(sync=True)
    field = Dict().tag(sync=True)
    draft = traitlets.Any(None, allow_none=True).tag(sync=True)
    note = Dict().tag(sync=True)
    reason = Unicode("").tag(sync=True)
    truth: List[Any] = List().tag(sync=True)
    closed = Bool(False).tag(sync=True)

    def __init__(self, words: Words, answers: Field, on_commit: Callable[[Any], Note]) -> None:
        self.answers, self._on_commit = answers, on_commit
        super().__init__(words=words.page, field=answers.page)
        self.observe(self._drafted, "draft")
        self.on_msg(self._heard)

    @traitlets.validate("draft")
    def _kept(self, proposal: Any) -> Any:
        return self.draft if self.closed else proposal["value"]

    def _drafted(self, _: Any) -> None:
        self.note = {}

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        answer = self.answers.checked(content.get("answer"))
        if content.get("kind") == "commit" and answer is not None and not self.closed:
            self.show(answer, self._on_commit(answer))

    def show(self, answer: Any, note: Note) -> None:
        """Mark this answer and show the note; a final one closes the card."""
        with self.hold_sync():
            self.draft = answer
            self.note, self.closed = note.page, self.closed or note.final

    def compare(self, truth: Sequence[tuple[float, float]]) -> None:
        """Draw what the run did over a sketch."""
        self.truth = [[float(x), float(y)] for x, y in truth]

    def tell(self, words: Words, answers: Field) -> None:
        """Say it in other words; the answers stay the same."""
        self.answers = answers
        with self.hold_sync():
            self.words, self.field = words.page, answers.page

    @property
    def html(self) -> Markup:
        """Question and options; the one that is chosen stands out."""
        if self.reason:
            return card_html(self.words["kind"], self.reason)
        options = self.field.get("options", [])
        items = [tag("li", tag("b", text) if key == self.draft else text) for text, key in options]
        answers = tag("ul", *items) if items else tag("div", self.field.get("about", ""))
        return card_html(self.words["kind"], self.words["question"], answers, note_html(self.note))

    @property
    def line(self) -> str:
        return f"{self.words['kind']}: {self.reason or self.words['question']}"


class SummaryView(CardView):
    """A note under several questions: how it went."""

    note = Dict().tag(sync=True)

    def show(self, note: Note) -> None:
        """Say this."""
        self.note = note.page

    @property
    def html(self) -> Markup:
        return note_html(self.note)

    @property
    def line(self) -> str:
        return f"{self.note['lead']} {self.note['text']}".strip() if self.note else ""
