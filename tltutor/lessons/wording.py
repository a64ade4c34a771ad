"""Read a lesson's script, lesson.toml and the cells of lesson.md: every text in every language, by id; it knows no widget."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from tltutor.language import LANGUAGES, language, pick
from tltutor.lessons.folders import HOME, LessonFolder, find_folder, lesson_folders
from tltutor.lessons.prose import Cell, read_cells
from tltutor.settings import check_name

SCRIPT, CELLS = "lesson.toml", "lesson.md"
WORDS = HOME / "words.toml"  # the words that many lessons share
Translations: TypeAlias = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Option:
    """An option; an outcome makes a predicted one true: a number from low to high, or the option's id.

    feedback: what is said of this answer; of a prediction, if it did not come true. yours: a sentence more, with the learner's
    own numbers.
    """

    id: str
    text: Translations
    feedback: Translations = field(default_factory=dict)
    low: float = 0.0
    high: float = 0.0
    yours: Translations = field(default_factory=dict)

    def fits(self, value: float | str) -> bool:
        """Return True if a run with this outcome makes the option true."""
        return value == self.id if isinstance(value, str) else self.low <= value < self.high


@dataclass(frozen=True)
class Axis:
    """An axis of a sketch: its limits and its name."""

    low: float
    high: float
    text: Translations


@dataclass(frozen=True)
class Expectation:
    """What a question takes for granted of the learner's runs: a number of one board, or by how much it is over another's."""

    board: str
    number: str
    over: str
    low: float
    high: float


@dataclass(frozen=True)
class Question:
    """A question: options to choose from, a number to enter or a curve to draw.

    right_id: the right option; "" for a prediction. ordered: the options are a scale, shown in their own order.
    after: names of the boards that must have finished before the question is shown. yours: a sentence before it, with the
    learner's own numbers. expects: what it takes for granted of them; otherwise: what is said where a run disagrees.
    """

    id: str
    text: Translations
    options: tuple[Option, ...] = ()
    right_id: str = ""
    answer: str = "options"  # or "number", "sketch"
    low: float = 0.0
    high: float = 1.0
    tolerance: float = 0.0
    points: int = 0
    x: Axis | None = None
    y: Axis | None = None
    ordered: bool = False
    after: tuple[str, ...] = ()
    yours: Translations = field(default_factory=dict)
    expects: tuple[Expectation, ...] = ()
    otherwise: Translations = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.answer, ("options", "number", "sketch"), what="kind of answer")
        if self.right_id:
            check_name(self.right_id, [option.id for option in self.options], what="right option")
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
        (found,) = (option for option in self.options if self.is_right(option))
        return found

    def is_right(self, option: Option) -> bool:
        """Return True for the right option."""
        return option.id == self.right_id

    def option(self, key: str | int) -> Option | None:
        """Return the option with this id, or None; older progress files hold its English text, or its place from 0."""
        if isinstance(key, int):
            return self.options[key] if 0 <= key < len(self.options) else None
        return next((o for o in self.options if key == o.id), None) or next(
            (o for o in self.options if key == o.text["en"]), None
        )

    def shuffled(self, seed: str) -> Question:
        """Return the question with its options in an order that depends on the seed alone; a scale keeps its own."""
        if self.ordered or any(option.low < option.high for option in self.options):
            return self
        order = random.Random(f"{seed}/{self.id}")  # noqa: S311 - no secret
        return replace(self, options=tuple(order.sample(self.options, len(self.options))))


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
class BoardData:
    """A board: the arguments of its lab, the id of its mistake if it has one, and what it shows if it is for use in a class."""

    lab: Mapping[str, Any]
    fault: str = ""
    text: Translations = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """A glossary entry: its name and a sentence."""

    name: Translations
    text: Translations


@dataclass(frozen=True)
class Script:
    """All that a lesson says: its cells, and by id what they show. moves, sees: its line in the list of lessons."""

    folder: LessonFolder
    cells: tuple[Cell, ...]
    moves: Translations
    sees: Translations
    goals: tuple[Goal, ...]
    words: tuple[str, ...]
    predict: Mapping[str, Question]
    explain: Mapping[str, Question]
    exit: tuple[Question, ...]
    exercises: Mapping[str, Help]
    boards: Mapping[str, BoardData]
    glossary: Mapping[str, Word]

    @property
    def number(self) -> str:
        """The lesson's number, e.g. "01"."""
        return self.folder.number

    @property
    def title(self) -> Translations:
        """The first heading of lesson.md."""
        return {
            name: text.splitlines()[0].removeprefix("# ")
            for name, text in self.cells[0].prose.items()
        }

    @property
    def judged(self) -> tuple[Question, ...]:
        """The questions that have a right option."""
        return (*self.explain.values(), *self.exit)


def script(number: str) -> Script:
    """Return the script of a lesson by number, e.g. "01". Errors: ValueError for an unknown lesson or a mistake in its files."""
    return read_script(find_folder(number))


@cache
def read_script(folder: LessonFolder) -> Script:
    """Return the script of this folder. Errors: ValueError, in one sentence with the place of the mistake."""
    where = f"{folder.name}/{SCRIPT}"
    for file in (SCRIPT, CELLS):
        if not (folder.path / file).is_file():
            raise ValueError(
                f"{folder.name}: a lesson must have {SCRIPT} and {CELLS}, got no {file}: add it"
            )
    table = _toml(folder.path / SCRIPT, where)
    cells = read_cells(folder.path / CELLS)
    if (
        not cells
        or not all(text.startswith("# ") for text in cells[0].prose.values())
        or cells[0].code
    ):
        raise ValueError(
            f"{folder.name}/{CELLS}: the first cell must be a title, got none: begin with # {folder.number} · …"
        )
    found = Script(
        folder=folder,
        cells=cells,
        moves=_text(table.get("moves", {}), f"{where}, moves"),
        sees=_text(table.get("sees", {}), f"{where}, sees"),
        goals=tuple(
            Goal(_text(t, f"{where}, goals"), tuple(t["needs"])) for t in table.get("goals", ())
        ),
        words=tuple(table.get("words", ())),
        predict=_questions(table, "predict", where),
        explain=_questions(table, "explain", where),
        exit=tuple(_questions(table, "exit", where).values()),
        exercises={
            name: _help(t, f"{where}, exercises.{name}")
            for name, t in table.get("exercises", {}).items()
        },
        boards=_boards(table.get("boards", {}), f"{where}, boards"),
        glossary=_words(table.get("glossary", {}), f"{where}, glossary"),
    )
    _check_ids(found, where)
    return found


def _toml(path: Path, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where} must be TOML with each id once, got: {error}") from error


def _check_ids(words: Script, where: str) -> None:
    """Refuse an id of two tasks, since progress is stored by id."""
    ids = [*words.predict, *words.explain, *words.exercises, *(q.id for q in words.exit)]
    twice = next((name for name in ids if ids.count(name) > 1), "")
    if twice:
        raise ValueError(
            f"{where}: each task needs an id of its own, got {twice!r} twice: rename one"
        )


def glossary() -> Mapping[str, Word]:
    """Return all glossary entries by id: the shared ones and those of every lesson."""
    found = dict(_shared_words())
    for folder in lesson_folders().values():
        found |= read_script(folder).glossary
    return found


def explained(words: Script) -> Mapping[str, Word]:
    """Return the glossary entries that this lesson lists; other lessons are read only if it needs their words."""
    near = {**_shared_words(), **words.glossary}
    found = near if set(words.words) <= set(near) else glossary()
    return {name: found[check_name(name, found, what="word")] for name in words.words}


@cache
def _shared_words() -> Mapping[str, Word]:
    return _words(_toml(WORDS, WORDS.name), WORDS.name)


def _words(table: Mapping[str, Any], where: str) -> Mapping[str, Word]:
    return {
        name: Word(_text(t.get("name", {}), f"{where}.{name}.name"), _text(t, f"{where}.{name}"))
        for name, t in table.items()
    }


def _text(table: Mapping[str, Any], where: str) -> Translations:
    """Return the text in every language. Errors: ValueError if one is missing."""
    missing = next((name for name in LANGUAGES if not str(table.get(name, "")).strip()), "")
    if missing:
        raise ValueError(
            f"{where}: a text must be there in {' and '.join(LANGUAGES)}, got none in {missing}: add {missing}"
        )
    return {name: table[name] for name in LANGUAGES}


def _questions(table: Mapping[str, Any], kind: str, where: str) -> dict[str, Question]:
    return {
        name: _question(name, t, f"{where}, {kind}.{name}", judged=kind != "predict")
        for name, t in table.get(kind, {}).items()
    }


def _question(name: str, table: Mapping[str, Any], where: str, *, judged: bool) -> Question:
    if judged != ("right" in table):
        rule = (
            "a question must name its right option"
            if judged
            else "a prediction has no right option"
        )
        remedy = 'add right = "id of the option"' if judged else "leave right out"
        raise ValueError(f"{where}: {rule}, got {table.get('right', 'none')}: {remedy}")
    options = tuple(
        _option(key, t, f"{where}.options.{key}", judged=judged)
        for key, t in table.get("options", {}).items()
    )
    plain = ("answer", "low", "high", "tolerance", "points", "ordered")
    given: dict[str, Any] = {n: table[n] for n in plain if n in table}
    given |= {
        n: Axis(table[n]["low"], table[n]["high"], _text(table[n], f"{where}.{n}"))
        for n in ("x", "y")
        if n in table
    }
    given |= {n: _text(table[n], f"{where}.{n}") for n in ("yours", "otherwise") if n in table}
    given["expects"] = tuple(_expectation(t, f"{where}.expects") for t in table.get("expects", ()))
    text, after = _text(table, where), tuple(table.get("after", ()))
    try:
        return Question(name, text, options, table.get("right", ""), after=after, **given)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _expectation(table: Mapping[str, Any], where: str) -> Expectation:
    """Return what is expected. Errors: ValueError for a missing or unknown key."""
    known = {"board", "number", "over", "range"}
    if not {"board", "number", "range"} <= set(table) <= known:
        raise ValueError(
            f"{where}: an expectation has board, number, range and perhaps over, got {', '.join(table) or 'none'}: "
            'write { board = "ID", number = "target_accuracy", range = [LOW, HIGH] }'
        )
    low, high = table["range"]
    return Expectation(table["board"], table["number"], table.get("over", ""), low, high)


def _option(key: str, table: Mapping[str, Any], where: str, *, judged: bool) -> Option:
    low, high = table.get("range", (0.0, 0.0))
    feedback = _text(table.get("say", {}), f"{where}.say") if judged or "say" in table else {}
    yours = _text(table["yours"], f"{where}.yours") if "yours" in table else {}
    return Option(key, _text(table, where), feedback, low, high, yours)


def _help(table: Mapping[str, Any], where: str) -> Help:
    return Help(
        tuple(_text(hint, f"{where}.hints") for hint in table["hints"]),
        table["solution"].strip(),
        {
            name: _text(t, f"{where}.mistakes.{name}")
            for name, t in table.get("mistakes", {}).items()
        },
    )


def _boards(tables: Mapping[str, Any], where: str) -> dict[str, BoardData]:
    """Return the boards by id; `like` takes over the arguments of a board that stands above it."""
    found: dict[str, BoardData] = {}
    for name, table in tables.items():
        own = {
            key: value for key, value in table.items() if key not in ("like", "fault", *LANGUAGES)
        }
        like = table.get("like")
        base = (
            found[check_name(like, found, what=f"board above {where}.{name}")]
            if like
            else BoardData({})
        )
        text = _text(table, f"{where}.{name}") if any(key in table for key in LANGUAGES) else {}
        found[name] = BoardData({**base.lab, **own}, table.get("fault", base.fault), text)
    return found


def localized(translations: Translations) -> str:
    """Return the text in the current language."""
    return pick(translations)


def joined(*sentences: str) -> str:
    """Return the sentences that are not empty as one text in the current language."""
    return ("" if language() == "zh" else " ").join(filter(None, sentences))
