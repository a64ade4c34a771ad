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
        return self.widget._repr_mimebundle_(**options)


class Prediction(Asked):
    """An answer given before the run: it stands once committed, also when its cell is run again."""

    def __init__(self, text: str, options: Mapping[str, Range]) -> None:
        self.text, self.options, self.chosen = text, dict(options), ""
        self._asleep: list[tuple[Any, str]] = []  # buttons, and the tooltips that they have when awake
        before = _shown.get(text)
        self._card = Card(text, tuple(options), self._commit, kind="Predict first", button="Commit")
        super().__init__(text, self._card)
        if isinstance(before, Prediction):
            self._take_over(before)

    def _take_over(self, before: Prediction) -> None:
        """The cell was run again: the same labs wait, and a committed answer stands."""
        self._asleep = before._asleep
        if before.chosen in self.options:
            self._card.show(before.chosen, self._commit(before.chosen))

    def _commit(self, chosen: str) -> Note:
        self.chosen = chosen
        self._turn()
        return Note("Your answer stands. Later you hold it against your own numbers.", "noted", final=True)

    def _turn(self) -> None:
        for button, tooltip in self._asleep:
            button.disabled = not self.chosen
            button.tooltip = tooltip if self.chosen else "Commit your prediction above first"

    def opens(self, lab: Lab) -> None:
        """Play and Step of this lab sleep until the prediction is committed."""
        self._asleep += [(button, button.tooltip) for button in (lab.board.play_button, lab.board.step_button)]
        self._turn()

    def check(self, number: float | None) -> Note:
        """The prediction against a number of the learner's own runs; None where there is no such number yet."""
        if not self.chosen:
            return Note("You have not committed a prediction yet. Choose above, press Commit, and run this cell again.")
        if number is None:
            return Note("Nothing to compare yet: let the run finish untouched, then run this cell again.")
        true = next((text for text, (low, high) in self.options.items() if low <= number < high), "none of the answers")
        signed = "+" if any(low < 0 for low, _ in self.options.values()) else ""
        said = f"You said: “{self.chosen}”. Your own run says {number:{signed}.3f}"
        if true == self.chosen:
            return Note(f"{said}, as you predicted.", "right")
        return Note(f"{said}, so it was: “{true}”. Which of your assumptions did the runs contradict?", "wrong")


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
        return self.widget._repr_mimebundle_(**options)


def exit_questions(text: str) -> ExitQuestions:
    """Ask the questions of this text under one another, and say at the end how it went; `written` says how to write them."""
    questions = written(text)
    kinds = (f"Exit question {i} of {len(questions)}" for i in range(1, len(questions) + 1))
    return ExitQuestions(tuple(Choice(q, kind=kind) for q, kind in zip(questions, kinds, strict=True)))


def written(text: str) -> tuple[Question, ...]:
    """Questions from lines of text: `? question`, then `+ right option :: feedback` and `- wrong option :: feedback`."""
    found: list[tuple[str, list[tuple[str, str, str]]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        mark, (option, _, feedback) = line[0], (part.strip() for part in line[1:].partition("::"))
        if mark == "?":
            found.append((line[1:].strip(), []))
        elif mark in "+-" and found and option and feedback:
            found[-1][1].append((mark, option, feedback))
        else:
            rule = "a line must be '? question', '+ right option :: feedback' or '- wrong option :: feedback'"
            raise ValueError(f"{rule}, got {line!r}")
    return tuple(_question(question, options) for question, options in found)


def _question(text: str, options: list[tuple[str, str, str]]) -> Question:
    right = [option for mark, option, _ in options if mark == "+"]
    if len(right) != 1:
        raise ValueError(f"a question needs one right option, marked +, got {len(right)} in {text!r}")
    return Question(text, {option: feedback for _, option, feedback in options}, right[0])
