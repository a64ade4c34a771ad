"""Grade an exercise in a cell of its own, as nbgrader and otter expect it: no card, no progress, an error unless it is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tltutor.lessons.exercises import Exercise, check
from tltutor.lessons.lesson import exercises
from tltutor.lessons.wording import script
from tltutor.settings import check_name


def grade(number: str, name: str, function: Callable[..., Any]) -> None:
    """Compare a function with the package's own, in another process, as `lesson.exercise` does.

    Errors: AssertionError with the feedback, unless it is right on every case; ValueError for an unknown lesson or exercise.
    """
    words = script(number).exercises
    known = {key: task for key, task in exercises(number).items() if isinstance(task, Exercise)}
    note = check(function, known[check_name(name, known, what="exercise")], words[name])
    if note.mood != "right":
        raise AssertionError(note.text)
