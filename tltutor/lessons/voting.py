"""A lesson's prediction as a vote of the class: asked of all phones, and held against the run that the teacher plays."""

from __future__ import annotations

from typing import Any

from tltutor.classroom.ballot import as_ballot
from tltutor.classroom.panel import Panel
from tltutor.classroom.vote import Vote, histogram, last_vote, open_vote
from tltutor.language import mark, tr
from tltutor.lessons.cards import Card, shown_before
from tltutor.lessons.wording import Question, localized
from tltutor.views.cards import Note
from tltutor.views.markup import Markup

NO_VOTE = mark(
    "The class has not voted yet. Press “Open the vote” above, close it, and run this cell again."
)
NO_RUN = mark("Nothing to compare yet: let the run finish untouched, then run this cell again.")
CAME = mark("The run says {number}, so it was: “{true}”.")
NAMED = mark("The run says: “{true}”.")
NONE = mark("The run says {number}: none of the options predicted that.")


class ClassVote(Card):
    """Takes the place of `lesson.predict` in a class: the same boards wait for it, the same cell compares it.

    A cell that runs again, or a kernel that restarts, goes on with the vote that was opened last.
    """

    def __init__(self, question: Question, key: str) -> None:
        self.question = question
        self._asked = question.text, {option.id: option.text for option in question.options}
        earlier = shown_before(key)
        self.panel = Panel(as_ballot(*self._asked), lambda: open_vote(*self._asked))
        try:
            self.panel.hold(last_vote(*self._asked))
        except RuntimeError as error:
            self.panel.view.note = Note(str(error)).page
        if isinstance(earlier, ClassVote):
            self.panel.unlocks(*earlier.panel.waiting)
        super().__init__(key, {"vote": self.panel.view})

    @property
    def vote(self) -> Vote | None:
        """The vote, once it is open."""
        return self.panel.vote

    def unlocks(self, *labs: Any) -> None:
        """Disable Play and Step of these labs until the vote is closed."""
        self.panel.unlocks(*labs)

    def check(self, outcome: Any) -> Note | Outcome:
        """Hold the votes against the run's outcome, a number or an option's id; None if there is none yet."""
        vote = self.vote
        if vote is None or outcome is None:
            return Note(tr(NO_VOTE if vote is None else NO_RUN))
        true = next((option for option in self.question.options if option.fits(outcome)), None)
        try:
            vote.show(true.id) if true else vote.close()
        except RuntimeError as error:
            return Note(str(error))
        signed = "+" if any(option.low < 0 for option in self.question.options) else ""
        number = outcome if isinstance(outcome, str) else f"{outcome:{signed}.3f}"
        text = NONE if true is None else NAMED if isinstance(outcome, str) else CAME
        said = tr(text, number=number, true=localized(true.text) if true else "")
        return Outcome(Note(said), vote)


class Outcome:
    """What the run said, and how the class had voted, as they stand when the cell runs."""

    def __init__(self, note: Note, vote: Vote) -> None:
        self.note, self.vote = note, vote

    def __repr__(self) -> str:
        return f"{self.note!r}\n{self.vote!r}"

    def _repr_html_(self) -> str:
        count = self.vote.count
        return self.note.html + (histogram(self.vote.poll, count) if count else Markup())
