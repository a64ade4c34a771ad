"""Find an author's mistakes in a lesson's folder, each said in one sentence; count how often the right option is the longest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tltutor.lessons.claims import read_claims
from tltutor.lessons.faults import all_faults
from tltutor.lessons.folders import LessonFolder
from tltutor.lessons.lesson import exercises
from tltutor.lessons.measured import Measured
from tltutor.lessons.own_numbers import places
from tltutor.lessons.rendering.text import filled
from tltutor.lessons.wording import CELLS, SCRIPT, Question, Script, glossary, read_script
from tltutor.settings import check_name
from tltutor.views.board import NUMBERS

SHOW_EXERCISES = ("exercise", "play_objective")
WORD = re.compile(r"\(#word-([\w-]+)\)")


def complaints(folder: LessonFolder) -> list[str]:
    """Return what is wrong with this lesson; a mistake in a file's form hides those behind it."""
    try:
        words = read_script(folder)
        return list(_complaints(words))
    except ValueError as error:
        return [str(error)]


def _complaints(words: Script) -> Iterator[str]:
    yield from _of_cards(words)
    yield from _of_numbers(words)
    yield from _of_words(words)
    yield from _of_goals(words)
    yield from _of_exercises(words)
    yield from _of_claims(words)
    for cell in words.cells:
        for language in cell.prose:
            filled(words, cell, language)


def calls(words: Script) -> Iterator[tuple[int, str, str]]:
    """Yield line, method and id of each `lesson.METHOD("id")` and `lessons.begin("NN")` in the code; of `compare` both ids."""
    for cell in (cell for cell in words.cells if cell.code):
        for node in ast.walk(_parsed(words, cell.line, cell.code)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if ast.unparse(node.func.value) in ("lesson", "lessons"):
                method = node.func.attr
                given = node.args[: 2 if method == "compare" else 1]
                names = [str(arg.value) if isinstance(arg, ast.Constant) else "" for arg in given]
                yield from ((cell.line + node.lineno, method, name) for name in names or [""])


def _parsed(words: Script, line: int, code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError as error:
        place = f"{words.folder.name}/{CELLS}, line {line + (error.lineno or 0)}"
        raise ValueError(f"{place}: a code cell must be Python, got: {error.msg}") from error


def _of_cards(words: Script) -> Iterator[str]:
    """Each id that the code names is in the script, and each card is shown by one cell."""
    known = {
        "begin": {words.number: "lesson"},
        "predict": words.predict,
        "explain": words.explain,
        "exercise": words.exercises,
        "play_objective": words.exercises,
        "board": words.boards,
        "compare": words.boards,
        "preset": words.boards,
        "broken_lab": all_faults(),
    }
    asked = list(calls(words))
    for line, method, name in asked:
        try:
            check_name(name, known.get(method, (name,)), what=f"{method} of lesson {words.number}")
        except ValueError as error:
            yield f"{words.folder.name}/{CELLS}, line {line}: {error}"
    for method in ("predict", "explain", "exercise"):
        for name in known[method]:
            shown = SHOW_EXERCISES if method == "exercise" else (method,)
            count = sum(how in shown and what == name for _, how, what in asked)
            if count != 1:
                yield (
                    f"{words.folder.name}/{SCRIPT}: each card must be shown by one cell, got {count} for {name!r}: "
                    f'write lesson.{method}("{name}") once in {CELLS}'
                )
    tickets = sum(method == "exit_ticket" for _, method, _ in asked)
    if tickets != bool(words.exit):
        yield (
            f"{words.folder.name}/{CELLS}: exit questions must be shown by one cell, got {tickets}: "
            "write lesson.exit_ticket() once"
        )


def _of_numbers(words: Script) -> Iterator[str]:
    """Each number of the learner's is one of a board that the question waits for, and each expectation has its other text."""
    where = f"{words.folder.name}/{SCRIPT}"
    for question in (*words.explain.values(), *words.exit):
        texts = (question.yours, *(option.yours for option in question.options))
        asked = [place for text in texts for told in text.values() for place in places(told)]
        for expected in question.expects:
            boards = filter(None, (expected.board, expected.over))
            asked += [(board, expected.number) for board in boards]
        for board, number in dict.fromkeys(asked):
            known = number in NUMBERS or number.startswith("loss ")
            if board not in question.after or not known:
                yield (
                    f"{where}, {question.id}: a learner's number must be {', '.join(NUMBERS)} or loss TERM of a board in "
                    f"`after` ({', '.join(question.after) or 'none'}), got {number!r} of {board!r}: change one"
                )
        if bool(question.expects) != bool(question.otherwise):
            yield f"{where}, {question.id}: expects and otherwise belong together, got one: add the other"


def _of_words(words: Script) -> Iterator[str]:
    """Each word that the text links to is listed, and each that is listed is explained."""
    text = "\n".join(prose for cell in words.cells for prose in cell.prose.values())
    linked = set(WORD.findall(text))
    for name in sorted(linked - set(words.words)):
        yield (
            f"{words.folder.name}/{CELLS}: a linked word must be listed, got #word-{name}: "
            f'add "{name}" to `words` in {SCRIPT}'
        )
    for name in [name for name in words.words if name not in glossary()]:
        yield (
            f"{words.folder.name}/{SCRIPT}: a listed word must be explained, got {name!r}: add [glossary.{name}]"
        )


def _of_goals(words: Script) -> Iterator[str]:
    tasks = {*words.predict, *words.explain, *words.exercises, "exit"}
    for name in sorted({need for goal in words.goals for need in goal.needs} - tasks):
        yield f"{words.folder.name}/{SCRIPT}: a goal must need tasks of the lesson, got {name!r}: known are {', '.join(sorted(tasks))}"


def _of_exercises(words: Script) -> Iterator[str]:
    """Texts in lesson.toml and code in exercises.py speak of the same exercises and mistakes."""
    coded = exercises(words.number)
    told = {f"{n}.{m}" for n, task in words.exercises.items() for m in ("", *task.mistakes)}
    made = {f"{n}.{m}" for n, task in coded.items() for m in ("", *task.mistakes)}
    for name in sorted(told ^ made):
        lacks = SCRIPT if name in made else "exercises.py"
        yield (
            f"{words.folder.name}/{lacks}: an exercise and its mistakes must be in {SCRIPT} and exercises.py, "
            f"got no {name.rstrip('.')!r} here: add it"
        )


def _of_claims(words: Script) -> Iterator[str]:
    """Each figure that is claimed was measured, and what was measured keeps each claim."""
    claims, figures = read_claims(words.folder.path), Measured(words.folder.path).figures
    missing = [name for name in claims.figures if name not in figures]
    for name in missing:
        yield (
            f"{words.folder.name}/claims.toml: a claimed figure must be in measured.json, got no {name!r}: "
            f"measure it, TLTUTOR_MEASURE=1 python -m pytest tests/claims -k {words.number}"
        )
    if not missing:
        yield from (
            f"{words.folder.name}/claims.toml: {said}" for said in claims.objections(figures)
        )


def longest_is_right(questions: Iterable[Question], language: str) -> tuple[int, int]:
    """Return for how many questions the right option is the longest one, and of how many."""
    judged = [question for question in questions if question.right_id]
    longest = [
        max(question.options, key=lambda option: len(option.text[language])) for question in judged
    ]
    return sum(q.is_right(o) for q, o in zip(judged, longest, strict=True)), len(judged)
