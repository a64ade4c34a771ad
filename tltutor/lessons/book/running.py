"""Executes a lesson as nobody's learner, and keeps each board's picture and replay."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tltutor.lessons.progress import VARIABLE
from tltutor.lessons.runs import TEST_RUN

SAVE = "from tltutor.lessons.book.running import save_boards; save_boards({folder!r})"
BOARDS = ("tl.Lab", "lesson.broken_lab")


def executed(lesson: Path, boards: Path, steps: int | None = None) -> Any:
    """The notebook with its outputs; pictures and replays of its boards are in the folder `boards`.

    steps: shorter runs, to see whether it works. The learner's own progress is not touched.
    """
    notebook = nbformat.read(lesson, as_version=4)
    if steps:
        for cell in notebook.cells:
            cell.source = re.sub(r"\bsteps=\d+", f"steps={steps}", cell.source) if cell.cell_type == "code" else cell.source
    notebook.cells.append(nbformat.v4.new_code_cell(SAVE.format(folder=str(boards.resolve()))))
    boards.mkdir(parents=True, exist_ok=True)
    where = {"metadata": {"path": str(lesson.parent)}}
    with variables({TEST_RUN: "1", VARIABLE: str((boards / "nobody.jsonl").resolve())}):
        NotebookClient(notebook, timeout=1800, kernel_name="python3", resources=where).execute()
    (boards / "nobody.jsonl").unlink(missing_ok=True)
    notebook.cells.pop()
    return notebook


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def save_boards(folder: str) -> None:
    """In the lesson's kernel: play what has not been played, and save each board as picture and replay under its name."""
    from tltutor.lab import _labs
    from tltutor.lessons.runs import autoplay

    for name, lab in list(_labs.items()):
        autoplay(lab)
        for suffix in (".html", ".svg"):
            lab.export(Path(folder) / f"{name}{suffix}")


def board_of(source: str) -> str:
    """The name of the board that a cell makes; "" where it makes none."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in BOARDS:
            named = (keyword.value for keyword in node.keywords if keyword.arg == "name")
            return next((str(ast.literal_eval(value)) for value in named), "lab")
    return ""
