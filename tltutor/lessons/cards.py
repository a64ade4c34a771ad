"""Cards in a cell: predictions that are compared with the learner's own runs, and questions with feedback on each option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tltutor.language import follow, mark, tr
from tltutor.lessons.progress import Entry
from tltutor.lessons.scoring import judged
from tltutor.lessons.wording import Option, Question, localized
from tltutor.views.answers import Field, Number, Options, Sketch
from tltutor.views.cards import Card as CardView
from tltutor.views.cards import CardStack, Note, Words

if TYPE_CHECKING:
    from tltutor.lab import Lab

Write = Callable[..., Entry]  # write(task, did, **facts) into the learner's progress
FIRST = mark("Commit your prediction above first")
SAVED = mark("Your answer is saved. Later you compare it with your own numbers.")

_shown: dict[str, Card] = {}  # the card of each key: running a cell again closes the earlier one


class View(Protocol):
    """The view of a card: a widget, and static HTML for a page without a kernel."""

    widget: Any

    @property
    def html(self) -> str: ...

    def close(self) -> None: ...


class Card:
    """A card, shown as the cell's last line; a new card with the same key replaces the earlier one."""

    def __init__(self, key: str, view: View) -> None:
        self.view = view
        if key in _shown:
            _shown[key].view.close()
        _shown[key] = self
        follow(self.retranslate)

    @property
    def widget(self) -> Any:
        """The card as a widget."""
        return self.view.widget

    def retranslate(self) -> None:
        """Update the card after a change of language."""

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return with_html(self.widget._repr_mimebundle_(**options), self.view.html)


def with_html(bundle: Any, html: str) -> Any:
    """Return a widget's mimebundle with static HTML for pages without a kernel."""
    return {**bundle, "text/html": html}


def make_field(question: Question) -> Field:
    """Return the input field of this question."""
    if question.answer == "number":
        return Number(question.low, question.high)
    if question.answer == "sketch" and question.x and question.y:
        x, y, last = question.x, question.y, question.points - 1
        xs = [x.low + (x.high - x.low) * i / last for i in range(question.points)]
        return Sketch(xs, (y.low, y.high), pad_words(question))
    return Options(labels(question))


def labels(question: Question) -> list[tuple[str, str]]:
    """Return each option's text in the current language, and its key."""
    return [(localized(option.text), option.key) for option in question.options]


def pad_words(question: Question) -> dict[str, str]:
    """Return the texts of the sketch pad."""
    return {
        "x": localized(question.x.text) if question.x else "",
        "y": localized(question.y.text) if question.y else "",
        "help": tr(
            "Draw with the mouse, or press Tab to reach a point and move it with the arrow keys."
        ),
        "truth": tr("Dashed: your own run."),
    }


class Prediction(Card):
    """A prediction before the run: final once committed, also if the cell is run again or the kernel restarts."""

    def __init__(
        self, question: Question, key: str, write: Write, known: Sequence[Entry] = ()
    ) -> None:
        self.question, self._write = question, write
        self.answer: Any = None  # a key, a number or a curve; None until committed
        self.locked: list[Lab] = []  # labs that wait for the prediction
        earlier = _shown.get(key)
        self._card = CardView(self._words, make_field(question), self._commit)
        super().__init__(key, self._card)
        if isinstance(earlier, Prediction):
            self.locked = earlier.locked
        answers = [entry.facts.get("answer") for entry in known if entry.did == "answered"]
        if answers and self._possible(answers[-1]):
            self._restore(answers[-1])

    @property
    def _words(self) -> Words:
        return Words(tr("Predict first"), localized(self.question.text), tr("Commit"))

    @property
    def chosen(self) -> str:
        """The committed answer as text; "" before."""
        if self.answer is None:
            return ""
        option = self.question.option(self.answer) if isinstance(self.answer, str) else None
        return (
            localized(option.text)
            if option
            else tr("the curve you drew")
            if isinstance(self.answer, list)
            else f"{self.answer:g}"
        )

    def _possible(self, answer: Any) -> bool:
        """Return True if a stored answer is still a valid answer to this question."""
        if self.question.answer == "options":
            return isinstance(answer, str) and self.question.option(answer) is not None
        if self.question.answer == "number":
            return (
                isinstance(answer, int | float)
                and self.question.low <= answer <= self.question.high
            )
        return isinstance(answer, list) and len(answer) == self.question.points

    def _restore(self, answer: Any) -> None:
        self._card.show(answer, self._take(answer))

    def _commit(self, answer: Any) -> Note:
        self._write(self.question.id, "answered", answer=answer)
        return self._take(answer)

    def _take(self, answer: Any) -> Note:
        self.answer = answer
        self._update_labs()
        return Note(tr(SAVED), "noted", final=True)

    def _update_labs(self) -> None:
        for lab in self.locked:
            lab.board.sleep(FIRST if self.answer is None else "")

    def unlocks(self, *labs: Lab) -> None:
        """Disable Play and Step of these labs until the prediction is committed."""
        self.locked += labs
        self._update_labs()

    def check(self, outcome: Any) -> Note:
        """Compare the prediction with the run's outcome: a number, a word, a curve, or None if there is none yet."""
        if self.answer is None:
            return Note(
                tr(
                    "You have not committed a prediction yet. Choose above, press Commit, and run this cell again."
                )
            )
        if outcome is None:
            return Note(
                tr(
                    "Nothing to compare yet: let the run finish untouched, then run this cell again."
                )
            )
        score = judged(self.question, self.answer, outcome)
        if isinstance(self._card.field, Sketch):
            self._card.field.compare(score.curve)
        self._write(self.question.id, "scored", right=score.right)
        return Note(
            tr(score.text, answer=self.chosen, **score.values), "right" if score.right else "wrong"
        )

    def retranslate(self) -> None:
        self._card.tell(self._words, labels(self.question))
        if isinstance(self._card.field, Sketch):
            self._card.field.widget.words = pad_words(self.question)


class Choice(Card):
    """A question with one right answer; a wrong one gives feedback and can be tried again."""

    def __init__(
        self, question: Question, key: str, write: Write, known: Sequence[Entry] = (), **shown: Any
    ) -> None:
        self.question, self._write = question, write
        self.kind: tuple[str, dict[str, int]] = (
            shown.get("kind", mark("Explain")),
            shown.get("counts", {}),
        )
        self.on_answer: Callable[[], None] = lambda: None
        self.tries = [str(entry.facts.get("answer")) for entry in known if entry.did == "answered"]
        self.card = CardView(self._words, Options(labels(question)), self._commit)
        super().__init__(key, self.card)
        chosen = question.option(self.tries[-1]) if self.tries else None
        if chosen:
            self.card.show(chosen.key, self._judge(chosen))

    @property
    def _words(self) -> Words:
        text, counts = self.kind
        return Words(tr(text, **counts), localized(self.question.text), tr("Check"))

    def _commit(self, key: str) -> Note:
        option = self.question.option(key) or self.question.right
        self.tries.append(key)
        self._write(self.question.id, "answered", answer=key, right=option.right)
        self.on_answer()
        return self._judge(option)

    def _judge(self, option: Option) -> Note:
        """Return the feedback on this choice; the right one closes the card."""
        return Note(
            localized(option.feedback), "right" if option.right else "wrong", final=option.right
        )

    @property
    def right_at_once(self) -> bool:
        """True if the first answer was right."""
        return self.tries[:1] == [self.question.right.key]

    def retranslate(self) -> None:
        self.card.tell(self._words, labels(self.question))


class ExitTicket(Card):
    """The questions at a lesson's end, and how many were right at the first try."""

    def __init__(self, choices: Sequence[Choice], key: str) -> None:
        self.choices = tuple(choices)
        self.stack = CardStack([choice.card for choice in self.choices])
        super().__init__(key, self.stack)
        for choice in self.choices:
            choice.on_answer = self.retranslate
        self.retranslate()

    def retranslate(self) -> None:
        """Update the summary once all questions are answered; the questions update themselves."""
        answered = [choice for choice in self.choices if choice.tries]
        if len(answered) == len(self.choices):
            right = sum(choice.right_at_once for choice in answered)
            text = tr("{right} of {all} right at the first try.", right=right, all=len(answered))
            self.stack.summary.value = Note(text).html
