"""Exercises: compare the learner's function with the package's own, case by case, and describe the difference."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, TypeAlias

from tltutor.language import tr
from tltutor.lessons.cards import Card
from tltutor.lessons.comparing import difference
from tltutor.lessons.sandbox import Outcome, shared_sandbox
from tltutor.lessons.wording import Help, localized
from tltutor.views.cards import Note
from tltutor.views.exercise import ExerciseView
from tltutor.worker import is_installed

if TYPE_CHECKING:
    from tltutor.lessons.cards import State, Write
    from tltutor.lessons.progress import Entry


Case: TypeAlias = tuple[Any, ...]  # positional arguments


class Later(Sequence[Case]):
    """Cases that are made when they are first needed, because that takes a while."""

    def __init__(self, make: Callable[[], Sequence[Case]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[Case]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, index: Any) -> Any:
        return self._made[index]


def as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function."""
    return function


@dataclass(frozen=True)
class Exercise:
    """What a learner's function is compared with: an oracle, the cases, and known wrong functions by id.

    cases: tuples of positional arguments (numbers, arrays, tensors). rtol, atol: tolerances. seconds: time limit of one call.
    through: makes of the learner's function what is called and compared. in_place: the function is to change its arguments.
    """

    oracle: Callable[..., Any]
    cases: Sequence[Case]
    mistakes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    rtol: float = 1e-5
    atol: float = 1e-6
    seconds: float = 5.0
    through: Callable[[Callable[..., Any]], Callable[..., Any]] = as_it_is
    in_place: bool = False

    def result(self, function: Callable[..., Any], case: Case) -> Any:
        """Call the function on a copy of this case's arguments; return what is compared."""
        return self.through(function)(*copy.deepcopy(case))

    def agree(self, given: Any, wanted: Any) -> bool:
        """Return True if two results are equal within the tolerance."""
        return difference(given, wanted, rtol=self.rtol, atol=self.atol) is None


def check(mine: Any, exercise: Exercise, words: Help) -> Note:
    """Return the feedback on this function; it runs in a separate process, the oracle in this one."""
    if not callable(mine):
        return Note(
            tr("Give the check the function itself, without brackets behind its name."), "wrong"
        )
    try:
        outcomes = shared_sandbox().run(exercise.through(mine), exercise.cases, exercise.seconds)
    except (PicklingError, TypeError, AttributeError) as error:
        text = "Your function is checked in another process, and something it uses cannot be sent there: {error}. Use only its arguments."
        return Note(tr(text, error=error), "wrong")
    note = _judged(mine, exercise, words, outcomes)
    printed = next((o.printed for o in outcomes if o.printed), "")
    return (
        Note(f"{note.text}\n{tr('It printed: {text}', text=printed)}", note.mood)
        if printed
        else note
    )


def _judged(
    mine: Callable[..., Any], exercise: Exercise, words: Help, outcomes: Sequence[Outcome]
) -> Note:
    for case, outcome in zip(exercise.cases, outcomes, strict=False):
        if note := failure(mine, outcome, exercise.seconds):
            return note if note.mood == "plain" else _at(mine, case, note.text)
    wanted = [exercise.oracle(*case) for case in exercise.cases]
    given = [outcome.value for outcome in outcomes]
    unlike = [
        i for i, (a, b) in enumerate(zip(given, wanted, strict=True)) if not exercise.agree(a, b)
    ]
    if not unlike:
        return _unchanged(mine, exercise, outcomes)
    for name, wrong in exercise.mistakes.items():
        if all(
            exercise.agree(a, exercise.result(wrong, case))
            for a, case in zip(given, exercise.cases, strict=True)
        ):
            return Note(localized(words.mistakes[name]), "wrong")
    i = unlike[0]
    found = difference(given[i], wanted[i], rtol=exercise.rtol, atol=exercise.atol)
    return _at(mine, exercise.cases[i], tr("{sentence}.", sentence=found))


def _unchanged(mine: Callable[..., Any], exercise: Exercise, outcomes: Sequence[Outcome]) -> Note:
    """Check that a function with the right values did not change its arguments."""
    for case, outcome in zip(exercise.cases, outcomes, strict=True):
        if outcome.changed and not exercise.in_place:
            text = "the result is right, but it changes its input in place, so the caller loses the old values. Return a new one."
            return _at(mine, case, tr(text))
    return Note(tr("The same as the package's own function, on every case."), "right")


def failure(mine: Callable[..., Any], outcome: Outcome, seconds: float) -> Note | None:
    """Return why a call has no result, or None."""
    if outcome.value is ... or "ellipsis" in outcome.error:
        return Note(
            tr("There is still a blank to fill: replace the three dots and run the cell again.")
        )
    if outcome.end == "raised" and _is_a_librarys(mine):
        text = "this is a library function, and it raises {error} on these arguments. Convert them first, or write it yourself."
        return Note(tr(text, error=outcome.error.partition(":")[0]), "wrong")
    if outcome.end:
        return Note(_ending(outcome, seconds), "wrong")
    return (
        Note(tr("it returns nothing. Does it end with return?"), "wrong")
        if outcome.value is None
        else None
    )


def _is_a_librarys(mine: Callable[..., Any]) -> bool:
    """Return True if the function belongs to an installed package, whose errors are about its internals."""
    code = getattr(inspect.unwrap(mine), "__code__", None)
    return code is not None and is_installed(code.co_filename)


def _ending(outcome: Outcome, seconds: float) -> str:
    if outcome.end == "late":
        text = "it was still running after {seconds} seconds, and was stopped. Does every loop end?"
        return tr(text, seconds=f"{seconds:g}")
    if outcome.end == "died":
        return tr("it ended the process that ran it: out of memory, or an exit?")
    if outcome.end == "unsendable":
        return tr("it returns {kind}, which cannot be compared.", kind=outcome.error)
    where = (
        tr("in its line {line} it raises", line=outcome.line) if outcome.line else tr("it raises")
    )
    return f"{where} {outcome.error}"


def _at(mine: Callable[..., Any], case: tuple[Any, ...], text: str) -> Note:
    return Note(tr("For {case}: {text}", case=described(mine, case), text=text), "wrong")


def described(mine: Callable[..., Any], case: tuple[Any, ...]) -> str:
    """Describe the arguments by name: numbers by value, arrays by shape."""
    try:
        names = [name for name, _ in zip(inspect.signature(mine).parameters, case, strict=False)]
    except (TypeError, ValueError):
        names = []
    names += ["…"] * (len(case) - len(names))
    return ", ".join(f"{name} = {_short(value)}" for name, value in zip(names, case, strict=True))


def _short(value: Any) -> str:
    shape = tuple(getattr(value, "shape", ()))
    if not shape:
        return f"{value:g}" if isinstance(value, float) else repr(value)
    if len(shape) == 1 and shape[0] <= 4:
        return str([float(f"{float(v):.4g}") for v in value])
    kinds = {"Tensor": tr("tensor"), "ndarray": tr("array")}
    return f"{kinds.get(type(value).__name__, type(value).__name__)} {shape}"


class ExerciseResult(Card):
    """The card with the feedback on a function, three hints, and the solution after them."""

    def __init__(
        self,
        name: str,
        key: str,
        words: Help,
        *,
        note: Note,
        write: Write,
        known: Sequence[Entry] = (),
    ) -> None:
        self.name, self.note, self.words, self._write = name, note, words, write
        tried = [entry for entry in known if entry.did == "tried"]
        self._tried = bool(tried) or note.mood != "plain"
        self._solved = any(e.facts.get("right") for e in tried) or note.mood == "right"
        self.view = ExerciseView(note, self._opened)
        super().__init__(key, {"exercise": self.view})
        self.retranslate()
        for entry in known:  # hints that were opened before stay open
            self.view.open(entry.did)
        if note.mood != "plain":  # an unfilled blank does not count as a try
            write(name, "tried", right=note.mood == "right")

    @property
    def state(self) -> State:
        """Done once a function was right; a blank that is not filled counts for nothing."""
        return "done" if self._solved else "attempted" if self._tried else "unattempted"

    def _opened(self, what: str) -> None:
        self._write(self.name, what)

    def retranslate(self) -> None:
        self.view.tell(
            f"{self.name}()", [localized(hint) for hint in self.words.hints], self.words.solution
        )
