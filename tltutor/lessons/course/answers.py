"""Read a class's answers from a CSV, as a form or a spreadsheet writes it: one line a learner, one column an answer."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Answers = Mapping[str, tuple[str, ...]]  # by the learner's name


def read_answers(path: Path, *, n: int, choices: Sequence[str]) -> Answers:
    """Return each learner's n answers. The first line names the columns; the first column names the learner, the next n are answers.

    choices: what an answer may be, in capital letters or digits; an empty cell is no answer, "".
    Errors: ValueError in one sentence, with the line, for a cell that is no choice, a short line, a learner twice; OSError.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, cells in enumerate(_lines(path), 1):
        if number == 1 or not any(cell.strip() for cell in cells):
            continue
        name, answers = cells[0].strip(), [cell.strip().upper() for cell in cells[1 : n + 1]]
        where = f"{path.name}, line {number}"
        if not name:
            raise ValueError(
                f"{where}: the first column must name the learner, got nothing: fill it in"
            )
        if name in found:
            raise ValueError(
                f"{where}: each learner must have one line, got {name!r} twice: delete one"
            )
        if len(answers) < n:
            raise ValueError(
                f"{where}: there must be {n} answers, got {len(answers)}: leave cells empty instead"
            )
        wrong = [answer for answer in answers if answer and answer not in choices]
        if wrong:
            raise ValueError(
                f"{where}: an answer must be one of {', '.join(choices)} or empty, got {wrong[0]!r}: correct it"
            )
        found[name] = tuple(answers)
    if not found:
        raise ValueError(
            f"{path.name} must hold one line a learner below its heading, got none: add them"
        )
    return found


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} must be UTF-8, got other bytes: save it as CSV UTF-8"
        ) from error
    first = text.partition("\n")[0]
    mark = max((",", ";", "\t"), key=first.count)  # spreadsheets of some countries write ;
    return list(csv.reader(text.splitlines(), delimiter=mark))
