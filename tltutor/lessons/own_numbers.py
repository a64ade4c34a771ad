"""The numbers of the learner's own runs in the texts of a question; it knows no card."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tltutor.lessons.measured import short
from tltutor.lessons.wording import Question, Translations, localized

PLACE = re.compile(r"\{([\w-]+)\.([^{}-]+?)(?: - ([\w-]+)\.([^{}-]+?))?\}")
Numbers: TypeAlias = Callable[
    [str], Mapping[str, float] | None
]  # of a board by name; None until it has finished


def places(text: str) -> list[tuple[str, str]]:
    """Return board and number of each place in the text that a learner's number fills."""
    found = [match.groups() for match in PLACE.finditer(text)]
    return [pair for a, b, c, d in found for pair in ((a, b), (c, d)) if pair[0]]


def filled(texts: Translations, numbers: Numbers) -> str:
    """Return the text in the current language with the learner's numbers; "" while one of them is not there.

    {game.target_accuracy} is a number of a board, {game.target_accuracy - plain.target_accuracy} a difference, with its sign.
    """
    if not texts:
        return ""
    text = localized(texts)
    known = {(b, n): (numbers(b) or {}).get(n) for b, n in places(text)}
    if None in known.values():
        return ""
    values = {key: value for key, value in known.items() if value is not None}

    def put(match: re.Match[str]) -> str:
        board, number, other, of_it = match.groups()
        if not other:
            return short(round(values[board, number], 2))
        off = round(values[board, number] - values[other, of_it], 2)
        return ("+" if off > 0 else "") + short(off)

    return PLACE.sub(put, text)


def objection(question: Question, numbers: Numbers) -> str:
    """Return what is said where the learner's runs are not as the question expects; "" where they are, or are not there."""
    for expected in question.expects:
        found = [
            (numbers(name) or {}).get(expected.number)
            for name in (expected.board, expected.over)
            if name
        ]
        if None in found:
            return ""
        value = found[0] - sum(found[1:])  # type: ignore[operator, arg-type]
        if not expected.low <= value <= expected.high:
            return localized(question.otherwise)
    return ""
