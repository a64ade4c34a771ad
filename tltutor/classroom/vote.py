"""A vote of the class as a notebook holds it: open it, see who has answered, close it, vote again, say what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from tltutor.classroom.ballot import Ballot, Count, as_ballot, in_language
from tltutor.classroom.client import ask, service
from tltutor.classroom.panel import Panel
from tltutor.classroom.qr import QR, drawn
from tltutor.classroom.running import Running
from tltutor.classroom.shown import lines, remarks
from tltutor.classroom.store import Poll
from tltutor.classroom.words import WORDS
from tltutor.language import language, tr
from tltutor.settings import check_name
from tltutor.views.markup import Markup, tag
from tltutor.views.still import with_still


class Vote:
    """One vote of the class, which `open_vote` has opened. As a cell's last line it is a card that counts along.

    on_change: is called whenever the service was asked.
    """

    def __init__(self, about: Mapping[str, Any], running: Running) -> None:
        self._running, self._about = running, dict(about)
        self.on_change: Callable[[], None] = lambda: None

    @cached_property
    def panel(self) -> Panel:
        """The card, with buttons to close the vote and to vote again."""
        ballot = self.poll.ballot
        return Panel(ballot, lambda: open_vote(ballot.question, ballot.options), self)

    def unlocks(self, *labs: Any) -> None:
        """Disable Play and Step of these boards until the vote is closed."""
        self.panel.unlocks(*labs)

    @property
    def address(self) -> str:
        """The address that the phones open."""
        return str(self._about["address"])

    @property
    def qr(self) -> QR:
        """The address as a QR code."""
        return QR(**self._about["qr"])

    @property
    def join(self) -> dict[str, Any]:
        """The address with its QR code, as a page draws it."""
        return {"address": self.address, **self._about["qr"]}

    @property
    def poll(self) -> Poll:
        """Where the vote stood when the service was last asked."""
        about = self._about
        ballot = Ballot(about["question"], about["options"])
        return Poll(about["id"], ballot, about["round"], about["open"], about["outcome"])

    @property
    def answered(self) -> int:
        """How many have answered in this round, asked of the service now."""
        return self.look().held

    @property
    def held(self) -> int:
        """How many had answered when the service was last asked."""
        return int(self._about["answered"])

    @property
    def count(self) -> Count | None:
        """The votes of each round, once the vote is closed; None before."""
        if self._about["open"]:
            return None
        changes = {(first, second): n for first, second, n in self._about["changes"]}
        return Count(tuple(self._about["rounds"]), changes)

    def look(self) -> Vote:
        """Ask the service where the vote stands. Errors, as of all below: RuntimeError if it does not answer."""
        self._ask("")
        return self

    def close(self) -> Vote:
        """Take no more answers; the votes can then be seen."""
        self._ask("/close", {})
        return self

    def again(self) -> Vote:
        """Open the second round, after neighbors have talked (peer instruction; Crouch and Mazur, 2001)."""
        self._ask("/again", {})
        return self

    def show(self, outcome: str) -> Vote:
        """Close the vote and show which option came true, given by its text or its id. Errors: ValueError for another."""
        options = self.poll.ballot.options
        by_text = {text: key for key, texts in options.items() for text in texts.values()}
        known = {**by_text, **{key: key for key in options}}
        self._ask("/outcome", {"outcome": known[check_name(outcome, known, what="outcome")]})
        return self

    def _ask(self, action: str, content: Any = None) -> dict[str, Any]:
        self._about = ask(f"polls/{self._about['id']}{action}", content, running=self._running)
        self.on_change()
        return self._about

    def __repr__(self) -> str:
        question = in_language(self.poll.ballot.question, language())
        answered = tr(WORDS["answered"], n=self._about["answered"])
        count = self.count
        if count is None:
            return f"{question} {answered}: {self.address}"
        votes = [
            f"{line.text}: {', '.join(str(bar.votes) for bar in line.bars)}"
            for line in lines(self.poll, count, language())
        ]
        return "\n".join([f"{question} {answered}", *votes, *remarks(self.poll, count, language())])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The living card, and what stands for it in a saved notebook."""
        bundle = self.panel.widget._repr_mimebundle_(**options)
        return with_still(bundle, repr(self), html=self.panel.view.html)

    def _repr_html_(self) -> str:
        self._ask("")
        count, poll = self.count, self.poll
        question = tag("p", tag("b", in_language(poll.ballot.question, language())))
        answered = tag("p", tr(WORDS["answered"], n=self._about["answered"]))
        if count is None:
            return question + drawn(self.qr, self.address) + tag("p", self.address) + answered
        return question + answered + histogram(poll, count)


def histogram(poll: Poll, count: Count) -> Markup:
    """Return the votes as a table with bars, in the current language; the option that came true is marked."""
    rows = [
        tag(
            "tr",
            tag("th", f"✓ {line.text}" if line.true else line.text, scope="row"),
            *(
                tag("td", tag("meter", "", value=str(bar.share), max="100"), f" {bar.votes}")
                for bar in line.bars
            ),
        )
        for line in lines(poll, count, language())
    ]
    said = (tag("p", sentence) for sentence in remarks(poll, count, language()))
    return Markup(tag("table", *rows) + "".join(said))


def open_vote(question: Any, options: Any) -> Vote:
    """Open a vote of the class through the service that `tltutor class serve` runs; one that was open is closed.

    question: a text, or {"en": …, "zh": …}. options: two to twelve texts in order, or texts by id.
    Errors: TypeError, ValueError for what is no question; RuntimeError if no service answers.
    """
    ballot, running = as_ballot(question, options), service()
    return Vote(ask("polls", _content(ballot), running=running), running)


def last_vote(question: Any, options: Any) -> Vote | None:
    """Return the vote that was opened last, if it asks just this: a kernel that restarts goes on with it.

    Errors: RuntimeError if no service answers.
    """
    ballot, running = as_ballot(question, options), service()
    about = ask("polls", running=running)
    same = all(about.get(name) == value for name, value in _content(ballot).items())
    return Vote(about, running) if same else None


def _content(ballot: Ballot) -> dict[str, Any]:
    """Return a question as the service takes and gives it."""
    options = {key: dict(text) for key, text in ballot.options.items()}
    return {"question": dict(ballot.question), "options": options}
