"""A vote of the class beside a board: a card that opens it, counts, closes it and votes again; the boards wait for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tltutor.classroom.ballot import Ballot, Count, in_language
from tltutor.classroom.shown import Bar, lines, remarks
from tltutor.classroom.words import WORDS
from tltutor.language import follow, language, mark, tr
from tltutor.views.cards import Note
from tltutor.views.front import Front
from tltutor.views.vote import VoteView

if TYPE_CHECKING:
    from tltutor.classroom.vote import Vote

FIRST = mark("Let the class vote above first, then close the vote")


class Panel:
    """The card of one question. open_: opens the vote. vote: one that is open already, or was before the kernel restarted."""

    def __init__(self, ballot: Ballot, open_: Callable[[], Vote], vote: Vote | None = None) -> None:
        self.ballot, self._open = ballot, open_
        self.vote: Vote | None = None
        self.waiting: list[Any] = []
        self.view = VoteView(self._press)
        self.hold(vote)
        follow(self.retell)

    @cached_property
    def widget(self) -> Front:
        """The card as a widget, made when it is first shown."""
        return Front({"vote": self.view}, "cards")

    def hold(self, vote: Vote | None) -> None:
        """Show this vote, and follow it wherever it is closed."""
        self.vote = vote
        if vote is not None:
            vote.on_change = self.retell
        self.retell()

    def unlocks(self, *labs: Any) -> None:
        """Disable Play and Step of these boards until the class has voted; a second vote disables them again."""
        self.waiting += [getattr(lab, "lab", lab) for lab in labs]  # a BrokenLab has one
        self._update_boards()

    def _update_boards(self) -> None:
        voted = self.vote is not None and not self.vote.poll.open
        for lab in self.waiting:
            lab.board.sleep("" if voted else FIRST)

    def _press(self, action: str) -> None:
        """Do what a button says; where the service does not answer, say so in its sentence."""
        try:
            if action == "open":
                self.hold(self._open())
            elif self.vote is not None:
                acts = {"look": self.vote.look, "close": self.vote.close, "again": self.vote.again}
                acts[action]()
            self.view.note = {}
        except RuntimeError as error:
            self.view.note = Note(str(error)).page

    def retell(self) -> None:
        """Show where the vote stands, in the language in use."""
        poll, vote, view, name = self.vote and self.vote.poll, self.vote, self.view, language()
        count = vote.count if vote else None
        with view.hold_sync():
            view.kind = tr(WORDS["vote"])
            view.question = in_language(self.ballot.question, name)
            view.options = [in_language(text, name) for text in self.ballot.options.values()]
            view.count = tr(WORDS["answered"], n=vote.held) if vote else ""
            view.join = vote.join if vote and poll and poll.open else {}
            view.buttons = [(action, tr(WORDS[word])) for action, word in self._buttons()]
            view.fold = tr(WORDS["show"])
            view.live = vote is not None and not (poll and poll.outcome)
            view.lines, view.remarks, view.unfolded = self._votes(count, name)
        self._update_boards()

    def _buttons(self) -> list[tuple[str, str]]:
        """Return what can be done now, and the word for it."""
        if self.vote is None:
            return [("open", "open")]
        poll = self.vote.poll
        if poll.open:
            return [("close", "close")]
        if poll.outcome:  # to vote again would be no prediction
            return [("open", "new")]
        return [("again", "again")] if poll.round == 1 else []

    def _votes(self, count: Count | None, name: str) -> tuple[list[Any], list[str], bool]:
        """Return the votes, what is said of them, and whether the room may see them without a click."""
        if count is None or self.vote is None:
            return [], [], False
        poll = self.vote.poll
        found = [
            (line.text, line.true, [(_said(bar, poll.round), bar.share) for bar in line.bars])
            for line in lines(poll, count, name)
        ]
        return found, remarks(poll, count, name), bool(poll.outcome) or poll.round > 1

    def close(self) -> None:
        """Take the card away."""
        if "widget" in self.__dict__:
            self.widget.close()
        self.view.close()


def _said(bar: Bar, rounds: int) -> str:
    """Return the words below a bar: the round where there are two, the votes and their share."""
    which = [tr(WORDS["round"], n=bar.round)] if rounds > 1 else []
    return " · ".join([*which, bar.words, f"{bar.share:g} %"])
