"""Cards in a cell: predictions that are compared with the learner's own runs, and questions with feedback on each option."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from tltutor.language import follow, mark, tr
from tltutor.lessons.own_numbers import filled, objection
from tltutor.lessons.progress import Entry
from tltutor.lessons.runs import numbers_of
from tltutor.lessons.scoring import judged
from tltutor.lessons.wording import Axis, Option, Question, joined, localized
from tltutor.views.answers import Field, Number, Options, Sketch
from tltutor.views.cards import CardView, Note, QuestionView, SummaryView, Words
from tltutor.views.front import Front
from tltutor.views.markup import tag
from tltutor.views.still import Still, with_still

if TYPE_CHECKING:
    from tltutor.lab import Compare, Lab

State = Literal["asleep", "unattempted", "attempted", "done"]
Write = Callable[..., Entry]  # write(task, did, **facts) into the learner's progress
FIRST = mark("Commit your prediction above first")
ASLEEP = mark("This question opens when these boards have run to their end: {boards}.")
HANDED_IN = mark("Your answer is saved. You can change it until you hand in your work.")
SAVED = mark("Your answer is saved. Later you compare it with your own numbers.")

_shown: dict[str, Card] = {}  # the card of each key: running a cell again closes the earlier one


def shown_before(key: str) -> Card | None:
    """Return the card that the next one of this key replaces."""
    return _shown.get(key)


class Card:
    """A card, shown as the cell's last line; a new card with the same key replaces the earlier one.

    parts: what it shows, by the names that the page knows. again: what to run where no kernel answers.
    """

    again = mark("To go on, run the cells above and then this one.")

    def __init__(self, key: str, parts: Mapping[str, CardView]) -> None:
        self.parts = parts
        if key in _shown:
            _shown[key].close()
        _shown[key] = self
        follow(self.retranslate)

    @cached_property
    def widget(self) -> Front:
        """The card as a widget, made when it is first shown."""
        return Front(self.parts, "cards")

    def retranslate(self) -> None:
        """Update the card after a change of language."""

    @property
    def state(self) -> State:
        """Whether the learner has begun it; a card counts for nothing before."""
        return "unattempted"

    @property
    def html(self) -> str:
        """The card where no kernel answers."""
        return "".join(part.html for part in self.parts.values())

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live card, and what stands for it in a saved notebook, on GitHub or in print."""
        lines = [*filter(None, (part.line for part in self.parts.values())), tr(self.again)]
        html = f"{self.html}{tag('p', tr(self.again), class_='tlt-again')}"
        Still(self.widget.key, alone=False).show(*(tag("p", line) for line in lines))
        return with_still(self.widget._repr_mimebundle_(**options), "\n".join(lines), html=html)

    def close(self) -> None:
        """Take the card away; it shows and hears nothing more."""
        if "widget" in self.__dict__:
            self.widget.close()
        for part in self.parts.values():
            part.close()


def make_field(question: Question) -> Field:
    """Return the way to answer this question, in the current language."""
    if question.answer == "number":
        return Number(question.low, question.high)
    if question.answer == "sketch" and question.x and question.y:
        x, y, last = question.x, question.y, question.points - 1
        xs = [x.low + (x.high - x.low) * i / last for i in range(question.points)]
        return Sketch(xs, y.low, y.high, pad_words(x, y))
    return Options({option.id: localized(option.text) for option in question.options})


def pad_words(x: Axis, y: Axis) -> dict[str, str]:
    """Return the texts of the sketch pad."""
    return {
        "x": localized(x.text),
        "y": localized(y.text),
        "help": tr(
            "Draw with the mouse, or press Tab to reach a point and move it with the arrow keys."
        ),
        "truth": tr("Dashed: your own run."),
    }


class Prediction(Card):
    """A prediction before the run: final once committed, also if the cell is run again or the kernel restarts.

    quiet: `check` compares, and does not tell what came out (homework).
    """

    def __init__(
        self,
        question: Question,
        key: str,
        write: Write,
        known: Sequence[Entry] = (),
        *,
        quiet: bool = False,
    ) -> None:
        self.question, self._write, self.quiet = question, write, quiet
        self.answer: Any = None  # an option's id, a number or a curve; None until committed
        self.scored = any(entry.did == "scored" for entry in known)
        self.locked: list[Lab | Compare] = []  # boards that wait for the prediction
        earlier = _shown.get(key)
        self.view = QuestionView(self._words, make_field(question), self._commit)
        super().__init__(key, {"question": self.view})
        if isinstance(earlier, Prediction):
            self.locked = earlier.locked
        answers = [entry.facts.get("answer") for entry in known if entry.did == "answered"]
        answer = self.view.answers.checked(answers[-1]) if answers else None
        if answer is not None:
            self.view.show(answer, self._take(answer))

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

    def unlocks(self, *labs: Lab | Compare) -> None:
        """Disable Play and Step of these boards until the prediction is committed."""
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
        if self.quiet:
            self._write(self.question.id, "scored", right=score.right)
            return Note(tr(HANDED_IN), "noted")
        self.view.compare(score.curve)
        self._write(self.question.id, "scored", right=score.right)
        self.scored = True
        return Note(
            tr(score.text, answer=self.chosen, **score.values), "right" if score.right else "wrong"
        )

    @property
    def state(self) -> State:
        """Attempted once committed, done once compared with a run."""
        return "done" if self.scored else "unattempted" if self.answer is None else "attempted"

    def retranslate(self) -> None:
        self.view.tell(self._words, make_field(self.question))
        if self.view.note:
            self.view.note = Note(tr(SAVED), "noted").page


class Choice(Card):
    """A question with one right answer; a wrong one gives feedback and can be tried again.

    It sleeps until the boards that it asks about have finished. quiet: it takes answers and gives no feedback (homework).
    held: boards to diagnose, which show all when it is answered.
    """

    def __init__(
        self,
        question: Question,
        key: str,
        write: Write,
        known: Sequence[Entry] = (),
        *,
        quiet: bool = False,
        **shown: Any,
    ) -> None:
        self.question, self._write, self.quiet = question, write, quiet
        self.kind: tuple[str, dict[str, int]] = (
            shown.get("kind", mark("Explain")),
            shown.get("counts", {}),
        )
        self.on_answer: Callable[[], None] = lambda: None
        self.tries = [str(entry.facts.get("answer")) for entry in known if entry.did == "answered"]
        self.awake = bool(self.tries) or not question.after
        earlier = _shown.get(key)
        self.held: list[Lab] = earlier.held if isinstance(earlier, Choice) else []
        self.view = QuestionView(self._words, make_field(question), self._commit)
        super().__init__(key, {"question": self.view})
        chosen = question.option(self.tries[-1]) if self.tries else None
        if chosen:
            self.view.show(chosen.id, self._judge(chosen))
        if question.after:
            from tltutor.lab.finished import follow_finish

            follow_finish(self.retranslate)
            self._wake()

    @property
    def _words(self) -> Words:
        """Kind, question and button; before and behind the question what the learner's own runs add to it."""
        text, counts = self.kind
        asked = localized(self.question.text)
        parts = (
            filled(self.question.yours, numbers_of),
            asked,
            objection(self.question, numbers_of),
        )
        return Words(tr(text, **counts), joined(*parts), tr("Check"))

    def _wake(self) -> None:
        """Show the question once its boards have finished; it stays open after that."""
        if self.awake:
            return
        from tltutor.lab.lab import find_finished

        left = [name for name in self.question.after if find_finished(name) is None]
        self.awake = not left
        self.view.reason = tr(ASLEEP, boards=", ".join(left)) if left else ""

    def unlocks(self, *labs: Any) -> None:
        """Show what these boards to diagnose hide once the question is answered, rightly or not."""
        self.held += [getattr(lab, "lab", lab) for lab in labs]  # a BrokenLab has one
        self._unlock()

    def _unlock(self) -> None:
        from tltutor.lab.lab import TELLTALES

        for lab in self.held if self.tries else ():
            lab.unlock(*lab.secret, *TELLTALES)

    def _commit(self, key: str) -> Note:
        option = self.question.option(key) or self.question.right
        self.tries.append(key)
        self._unlock()
        self._write(self.question.id, "answered", answer=key, right=self.question.is_right(option))
        self.on_answer()
        return self._judge(option)

    def _judge(self, option: Option) -> Note:
        """Return the feedback on this choice; the right one closes the card."""
        if self.quiet:
            return Note(tr(HANDED_IN), "noted")
        right = self.question.is_right(option)
        said = joined(localized(option.feedback), filled(option.yours, numbers_of))
        return Note(said, "right" if right else "wrong", final=right)

    @property
    def right_at_once(self) -> bool:
        """True if the first answer was right."""
        return self.tries[:1] == [self.question.right_id]

    @property
    def state(self) -> State:
        """Done once the right answer was given."""
        if not self.tries:
            return "unattempted" if self.awake else "asleep"
        return "done" if self.question.right_id in self.tries else "attempted"

    def retranslate(self) -> None:
        """Update the card after a change of language, or when a run has finished."""
        self.view.tell(self._words, make_field(self.question))
        chosen = self.question.option(self.tries[-1]) if self.tries else None
        if chosen and self.view.note:
            self.view.note = self._judge(chosen).page
        self._wake()


class ExitTicket(Card):
    """The questions at a lesson's end, and how many were right at the first try."""

    def __init__(self, choices: Sequence[Choice], key: str) -> None:
        self.choices = tuple(choices)
        self.summary = SummaryView()
        views = {f"question{i}": choice.view for i, choice in enumerate(self.choices)}
        super().__init__(key, {**views, "summary": self.summary})
        for choice in self.choices:
            choice.on_answer = self.retranslate
        self.retranslate()

    def retranslate(self) -> None:
        """Update the summary once all questions are answered; the questions update themselves."""
        answered = [choice for choice in self.choices if choice.tries]
        if len(answered) == len(self.choices) and not any(choice.quiet for choice in answered):
            right = sum(choice.right_at_once for choice in answered)
            text = tr("{right} of {all} right at the first try.", right=right, all=len(answered))
            self.summary.show(Note(text))
