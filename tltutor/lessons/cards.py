"""Questions and what is right: predictions held to the learner's own runs, choices whose wrong options say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tltutor.views.cards import Card, CardStack, Note

if TYPE_CHECKING:
    from tltutor.lab import Lab

Range: TypeAlias = tuple[float, float]

_shown: dict[str, Asked] = {}  # the asked question of each text: running a cell again closes the one before


@dataclass(frozen=True)
class Question:
    """A question, its options with what to say of each, and which one is right."""

    text: str
    options: Mapping[str, str]
    right: str

    def __post_init__(self) -> None:
        if len(self.options) < 2 or self.right not in self.options:
            given = f"{len(self.options)} options and right={self.right!r}"
            raise ValueError(f"a question needs two options or more, the right one among them, got {given}")

    def judge(self, chosen: str) -> Note:
        """What to say to this choice; the right one closes the card."""
        right = chosen == self.right
        return Note(self.options[chosen], "right" if right else "wrong", final=right)


class Asked:
    """Something asked in a cell: shows itself as the cell's last line; asked again, it takes the place of the one before."""

    def __init__(self, key: str, view: Card | CardStack) -> None:
        self.view = view
        if key in _shown:
            _shown[key].view.close()
        _shown[key] = self

    @property
    def widget(self) -> Any:
        """The card as a widget."""
        return self.view.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)  # noqa: SLF001 - this is how Jupyter asks a widget to be shown


class Prediction(Asked):
    """An answer given before the run: it stands once committed, also when its cell is run again."""

    def __init__(self, text: str, options: Mapping[str, Range]) -> None:
        self.text, self.options, self.chosen = text, dict(options), ""
        self._shut: list[Lab] = []
        before = _shown.get(text)
        self._card = Card(text, tuple(options), self._commit, kind="Predict first", button="Commit")
        super().__init__(text, self._card)
        if isinstance(before, Prediction) and before.chosen in self.options:
            self._card.show(before.chosen, self._commit(before.chosen))

    def _commit(self, chosen: str) -> Note:
        self.chosen = chosen
        for lab in self._shut:
            _open(lab, True)
        return Note("Your answer stands. Now let the network train; later you hold it against your own numbers.", "noted", True)

    def opens(self, lab: Lab) -> None:
        """Play and Step of this lab sleep until the prediction is committed."""
        self._shut.append(lab)
        _open(lab, bool(self.chosen))

    def check(self, number: float | None) -> Note:
        """The prediction against a number of the learner's own runs; None where there is no such number yet."""
        if not self.chosen:
            return Note("You have not committed a prediction yet. Choose above, press Commit, and run this cell again.")
        if number is None:
            return Note("Nothing to compare yet. The table above says what is missing; then run this cell again.")
        true = next((text for text, (low, high) in self.options.items() if low <= number < high), "none of the answers")
        said = f"You said: “{self.chosen}”. Your own runs say {number:+.3f}"
        if true == self.chosen:
            return Note(f"{said}, as you predicted.", "right")
        return Note(f"{said}, so it was: “{true}”. Which of your assumptions did the runs contradict?", "wrong")


def _open(lab: Lab, awake: bool) -> None:
    for button, tip in ((lab.board.play_button, "Train, and watch the features move"), (lab.board.step_button, "Train one step")):
        button.disabled = not awake
        button.tooltip = tip if awake else "Commit your prediction above first"


def predict(question: str, options: Mapping[str, Range]) -> Prediction:
    """Ask for a prediction; each option has the range [low, high) of the number that would make it true."""
    return Prediction(question, options)


class Choice(Asked):
    """A question with one right answer; wrong ones may be tried, and say what is wrong about them."""

    def __init__(self, question: Question, *, kind: str = "Explain", on_answer: Callable[[], None] | None = None) -> None:
        self.question, self.on_answer = question, on_answer
        self.tries: list[str] = []
        self.card = Card(question.text, tuple(question.options), self._commit, kind=kind, button="Check")
        super().__init__(question.text, self.card)

    def _commit(self, chosen: str) -> Note:
        self.tries.append(chosen)
        if self.on_answer:
            self.on_answer()
        return self.question.judge(chosen)

    @property
    def right_at_once(self) -> bool:
        """Whether the first answer was right."""
        return self.tries[:1] == [self.question.right]


def choose(question: str, options: Mapping[str, str], *, right: str) -> Choice:
    """Ask for the reason: each option has its feedback, and a wrong one's names the misconception."""
    return Choice(Question(question, options, right))


@dataclass(eq=False)
class ExitQuestions:
    """The questions at a lesson's end, and how many were right at the first try."""

    choices: tuple[Choice, ...] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        self.stack = CardStack([choice.card for choice in self.choices])
        for choice in self.choices:
            choice.on_answer = self._tell

    def _tell(self) -> None:
        answered = [choice for choice in self.choices if choice.tries]
        if len(answered) == len(self.choices):
            right = sum(choice.right_at_once for choice in answered)
            self.stack.summary.value = Note(f"{right} of {len(answered)} right at the first try.").html

    @property
    def widget(self) -> Any:
        """The cards as one widget."""
        return self.stack.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)  # noqa: SLF001 - this is how Jupyter asks a widget to be shown


def exit_questions(*questions: Question) -> ExitQuestions:
    """Ask these questions under one another, and say at the end how it went."""
    n = len(questions)
    return ExitQuestions(tuple(Choice(q, kind=f"Exit question {i} of {n}") for i, q in enumerate(questions, 1)))
