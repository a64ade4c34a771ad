"""Render a lesson as a notebook: as it is, as slides, as homework."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from tltutor.lessons.prose import Cell
from tltutor.lessons.rendering.text import filled
from tltutor.lessons.wording import Script

NotebookCell: TypeAlias = dict[str, Any]  # as the file holds it, but for `source`, one string here
FORMAT = {
    "metadata": {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        }
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
FOLDED = {"jupyter": {"source_hidden": True}}
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
LESSONS = re.compile(r"^from tltutor import .*\blessons\b", re.MULTILINE)
BEGIN = re.compile(r'(lessons\.begin\("\d\d")\)')
BOARD = re.compile(r"\btl\.(Lab|Compare)\(|lesson\.(board|compare|broken_lab)\(|\bboard\(")
SOLVES = ".reveal()"


def notebook(words: Script, language: str) -> list[NotebookCell]:
    """Return the cells of the lesson's notebook. Errors: ValueError for a mistake in a placeholder."""
    sources = [cell.code or filled(words, cell, language) for cell in words.cells]
    return notebook_cells(words.cells, sources, language)


def notebook_cells(
    cells: Iterable[Cell], sources: Iterable[str], language: str
) -> list[NotebookCell]:
    """Return the cells as a notebook holds them, with these sources; its first code says the language, unless it is English."""
    ids: set[str] = set()
    found = [_cell(cell, text, _id(cell, ids)) for cell, text in zip(cells, sources, strict=True)]
    first = next((cell for cell in found if cell["cell_type"] == "code"), None)
    if first and language != "en":
        first["source"] = _speaking(first["source"], language)
    return found


def _speaking(code: str, language: str) -> str:
    """Return the code with a line below its imports that says the language: the notebook knows it in any folder."""
    kinds = (ast.Import, ast.ImportFrom)
    begins = next(node.lineno for node in ast.parse(code).body if not isinstance(node, kinds)) - 1
    lines = code.splitlines()
    room = "lessons" if LESSONS.search(code) else "tl.lessons"
    return "\n".join([*lines[:begins], f'{room}.speak("{language}")', *lines[begins:]])


def _id(cell: Cell, taken: set[str]) -> str:
    """Return an id that depends on the cell's own content, so that a change elsewhere does not move it."""
    text, count = cell.code or cell.prose["en"], 0
    while (found := hashlib.sha256(f"{text}{count or ''}".encode()).hexdigest()[:8]) in taken:
        count += 1
    taken.add(found)
    return found


def _cell(cell: Cell, source: str, name: str) -> NotebookCell:
    if not cell.code:
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
    metadata = dict(FOLDED) if cell.folded else {}
    own = {"cell_type": "code", "id": name, "metadata": metadata, "source": source}
    return {**own, "execution_count": None, "outputs": []}


def slides(words: Script, language: str) -> list[NotebookCell]:
    """Return the cells with slideshow metadata: a heading, a card or a board opens a slide, folded text is for the speaker.

    JupyterLab's slideshow extensions show it, with boards that play; `deck` makes a page of it.
    """
    found = notebook(words, language)
    for cell in found:
        cell["metadata"] = {**cell["metadata"], "slideshow": {"slide_type": _slide(cell)}}
    return found


def _slide(cell: NotebookCell) -> str:
    source = cell["source"]
    if cell["cell_type"] == "code":
        if "lessons.begin(" in source:
            return "skip"
        return "subslide" if BOARD.search(source) or "lesson." in source else "fragment"
    if source.startswith("#"):
        return "slide"
    return "notes" if "<details>" in source else "subslide"


def homework(words: Script, language: str) -> list[NotebookCell]:
    """Return the cells without feedback and solutions.

    Cards take answers and say nothing of them; folded text (<details>: solutions, teacher's notes) and revealed mistakes are
    left out.
    """
    found = notebook(words, language)
    for cell in found:
        changed = BEGIN.sub(r"\1, homework=True)", cell["source"])
        cell["source"] = DETAILS.sub("", changed).strip()
    return [cell for cell in found if cell["source"] and SOLVES not in cell["source"]]


def as_text(cells: list[NotebookCell]) -> str:
    """Return a notebook of these cells as its file holds it."""
    lines = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in cells]
    whole = {"cells": lines, **FORMAT}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
