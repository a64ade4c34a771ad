"""Render a lesson's exercises as an assignment for nbgrader: each function is an answer cell, the locked cell below gives its point.

The cells' metadata follow nbgrader's schema 3.
"""

from __future__ import annotations

import re
from typing import Any

from tltutor.lessons.rendering.notebooks import DETAILS, NotebookCell, notebook
from tltutor.lessons.wording import Script

EXERCISE = re.compile(
    r'\n*^lesson\.exercise\("(?P<id>[^"]+)", (?P<function>[^)]+)\)$', re.MULTILINE
)
BEGINS = re.compile(r"^(#.*|lesson( = .*)?)$\n?", re.MULTILINE)
SCHEMA = 3
POINTS = 1
HEAD = {
    "en": "Replace the three dots. Each exercise gives one point: the cell below it says what is wrong, or nothing.",
    "zh": "请替换三个点。每道练习一分：它下面的单元格会说明哪里不对；没有提示就是对了。",
}


def assignment(words: Script, language: str) -> list[NotebookCell]:
    """Return the lesson's imports, then each exercise with its text, its answer cell and the cell that grades it.

    An exercise that is played on a board has no such cells; a lesson without another exercise has none at all.
    """
    cells = notebook(words, language)
    begin = next(cell for cell in cells if "lessons.begin(" in cell["source"])
    found = [
        {**_text(f"# {words.title[language]}\n\n{HEAD[language]}"), "id": "head"},
        _graded(begin, "imports", BEGINS.sub("", begin["source"]).strip(), locked=True),
    ]
    text = ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            text = DETAILS.sub("", cell["source"]).strip()
        elif asked := EXERCISE.search(cell["source"]):
            found += [{**_text(text), "id": f"text-{len(found)}"}, *_pair(words, cell, asked)]
    return found if len(found) > 2 else []


def _text(source: str) -> NotebookCell:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _pair(words: Script, cell: NotebookCell, asked: re.Match[str]) -> list[NotebookCell]:
    """Return the cell that a learner writes, and the one that grades it."""
    name, function = asked["id"], asked["function"]
    answer = EXERCISE.sub("", cell["source"])
    test = f'lessons.grade("{words.number}", "{name}", {function})'
    return [
        _graded(cell, name, answer, solution=True),
        _graded(cell, f"{name}-test", test, grade=True, locked=True, points=POINTS),
    ]


def _graded(cell: NotebookCell, name: str, source: str, **kind: Any) -> NotebookCell:
    """Return this cell with another source, and what nbgrader is to know of it."""
    about = {"grade": False, "locked": False, "solution": False, "task": False, **kind}
    metadata = {"nbgrader": {**about, "grade_id": name, "schema_version": SCHEMA}}
    return {**cell, "id": name.replace("_", "-"), "metadata": metadata, "source": source}
