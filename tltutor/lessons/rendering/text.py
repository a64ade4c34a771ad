"""A lesson's prose in one language, with its placeholders filled in: measured figures and the next lesson."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, StrictUndefined, TemplateError

from tltutor.lessons.folders import lesson_folders
from tltutor.lessons.measured import Measured
from tltutor.lessons.prose import Cell
from tltutor.lessons.wording import CELLS, Script, read_script

NEXT = {"en": "**Next:** [{title}]({name}.ipynb)", "zh": "**下一课：**[{title}]({name}.ipynb)"}
FIGURES = ("mean", "spread", "each", "gain", "gains", "measured_with")  # what prose may call


@cache
def _environment() -> Environment:
    return Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - Markdown, not HTML


def filled(words: Script, cell: Cell, language: str) -> str:
    """Return the cell's prose with its placeholders filled in. Errors: ValueError, in one sentence with the place."""
    text = cell.prose[language]
    if "{{" not in text:
        return text
    measured = Measured(words.folder.path)
    values = {name: getattr(measured, name) for name in FIGURES}
    try:
        text = (
            _environment()
            .from_string(text)
            .render(**values, next_lesson=next_lesson(words, language))
        )
    except (TemplateError, ValueError, TypeError) as error:
        place = f"{words.folder.name}/{CELLS}, line {cell.line}"
        raise ValueError(
            f"{place}: a placeholder must call one of {', '.join((*FIGURES, 'next_lesson'))}, got: {error}"
        ) from error
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def next_lesson(words: Script, language: str) -> str:
    """Return the line that leads to the next lesson; "" after the last one."""
    later = [folder for folder in lesson_folders().values() if folder.number > words.number]
    if not later:
        return ""
    title = read_script(later[0]).title[language]
    return NEXT[language].format(title=title, name=later[0].name)
