"""Read a lesson's texts in every language from texts/NUMBER.toml, by id; it knows no widget."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from tltutor.language import pick
from tltutor.settings import check_name

TEXTS = Path(__file__).with_name("texts")
WORDS = "words"  # the glossary's file
Translations: TypeAlias = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Option:
    """An option, with what makes it true: a range of a number, a word, or `right`."""

    text: Translations
    feedback: Translations = field(default_factory=dict)
    right: bool = False
    when: str = ""
    low: float = 0.0
    high: float = 0.0

    @property
    def key(self) -> str:
        """What is stored of a choice: the English text, in every language."""
        return self.text["en"]

    def fits(self, value: float | str) -> bool:
        """Return True if a run with this outcome makes the option true."""
        return value == self.when if isinstance(value, str) else self.low <= value < self.high


@dataclass(frozen=True)
class Axis:
    """An axis of a sketch: its limits and its name."""

    low: float
    high: float
    text: Translations


@dataclass(frozen=True)
class Question:
    """A question: options to choose from, a number to enter or a curve to draw."""

    id: str
    text: Translations
    options: tuple[Option, ...] = ()
    answer: str = "options"  # or "number", "sketch"
    low: float = 0.0
    high: float = 1.0
    tolerance: float = 0.0
    points: int = 0
    x: Axis | None = None
    y: Axis | None = None

    def __post_init__(self) -> None:
        check_name(self.answer, ("options", "number", "sketch"), what="kind of answer")
        if self.answer == "options" and len(self.options) < 2:
            raise ValueError(
                f"a question needs two options or more, got {len(self.options)} in {self.id!r}"
            )
        if self.answer == "sketch" and (self.x is None or self.y is None or self.points < 2):
            raise ValueError(
                f"a sketch needs x, y and two points or more, got {self.points} points in {self.id!r}"
            )

    @property
    def right(self) -> Option:
        """The one right option."""
        (found,) = (option for option in self.options if option.right)
        return found

    def option(self, key: str) -> Option | None:
        """Return the option with this key, or None."""
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True)
class Goal:
    """What a learner can do after the lesson, and the ids of the tasks that show it."""

    text: Translations
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Help:
    """The texts of an exercise: three hints, a solution in code, and feedback on each known mistake."""

    hints: tuple[Translations, ...]
    solution: str
    mistakes: Mapping[str, Translations] = field(default_factory=dict)


@dataclass(frozen=True)
class Preset:
    """A preset for use in a class: what it shows, and the arguments of its lab."""

    text: Translations
    lab: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """All texts of one lesson outside its notebook."""

    number: str
    title: Translations
    goals: tuple[Goal, ...]
    words: tuple[str, ...]
    predict: Mapping[str, Question]
    explain: Mapping[str, Question]
    exit: tuple[Question, ...]
    exercises: Mapping[str, Help]
    presets: Mapping[str, Preset]


@dataclass(frozen=True)
class Word:
    """A glossary entry: its name and a sentence."""

    name: Translations
    text: Translations


@cache
def script(number: str) -> Script:
    """Return the script of a lesson by number, e.g. "01". Errors: ValueError for an unknown lesson."""
    path = TEXTS / f"{check_name(number, lesson_numbers(), what='lesson')}.toml"
    table = tomllib.loads(path.read_text("utf-8"))
    exits = [_question(f"exit-{i}", t, judged=True) for i, t in enumerate(table.get("exit", ()), 1)]
    return Script(
        number=number,
        title=table["title"],
        goals=tuple(Goal(_translations(t), tuple(t["needs"])) for t in table.get("goals", ())),
        words=tuple(table.get("words", ())),
        predict={name: _question(name, t) for name, t in table.get("predict", {}).items()},
        explain={
            name: _question(name, t, judged=True) for name, t in table.get("explain", {}).items()
        },
        exit=tuple(exits),
        exercises={name: _help(t) for name, t in table.get("exercises", {}).items()},
        presets={
            name: Preset(_translations(t), t["lab"]) for name, t in table.get("presets", {}).items()
        },
    )


def lesson_numbers() -> tuple[str, ...]:
    """Return the numbers of the lessons with a script."""
    return tuple(sorted(path.stem for path in TEXTS.glob("*.toml") if path.stem != WORDS))


@cache
def glossary() -> Mapping[str, Word]:
    """Return all glossary entries by id."""
    table = tomllib.loads((TEXTS / f"{WORDS}.toml").read_text("utf-8"))
    return {name: Word(t["name"], _translations(t)) for name, t in table.items()}


def _translations(table: Mapping[str, Any]) -> Translations:
    return {name: table[name] for name in ("en", "zh") if name in table}


def _question(name: str, table: Mapping[str, Any], *, judged: bool = False) -> Question:
    options = tuple(_option(t) for t in table.get("options", ()))
    if judged and sum(option.right for option in options) != 1:
        raise ValueError(
            f"a question needs one right option, got {sum(o.right for o in options)} in {name!r}"
        )
    numbers: dict[str, Any] = {
        n: table[n] for n in ("answer", "low", "high", "tolerance", "points") if n in table
    }
    axes: dict[str, Any] = {
        n: Axis(table[n]["low"], table[n]["high"], _translations(table[n]))
        for n in ("x", "y")
        if n in table
    }
    return Question(name, _translations(table), options, **numbers, **axes)


def _option(table: Mapping[str, Any]) -> Option:
    low, high = table.get("range", (0.0, 0.0))
    return Option(
        _translations(table),
        table.get("say", {}),
        table.get("right", False),
        table.get("when", ""),
        low,
        high,
    )


def _help(table: Mapping[str, Any]) -> Help:
    return Help(
        tuple(map(_translations, table["hints"])),
        table["solution"].strip(),
        table.get("mistakes", {}),
    )


def localized(translations: Translations) -> str:
    """Return the text in the current language."""
    return pick(translations)
