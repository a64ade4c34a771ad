"""Execute a lesson without a learner's progress, and save each board's picture and replay."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tltutor.lessons.progress import HEAD, LEARNER, VARIABLE
from tltutor.lessons.runs import TEST_RUN

READER = "book"  # whose options come in the same order each time
SAVE = "from tltutor.lessons.book.running import save_boards; save_boards({folder!r})"
STEPS = re.compile(r'\b(steps(?:=|": ))\d+')  # as a keyword argument or a dictionary entry
BOARD = re.compile(
    r'(lesson\.(?:board|compare)\("[\w-]+"(?:, "[\w-]+")?)(?!.*\bsteps=)'
)  # whose steps are in lesson.toml
BOARDS = (
    "boards"  # where a notebook's metadata keeps which output shows which boards: {model id: names}
)


def executed(lesson: Path, boards: Path, steps: int | None = None) -> Any:
    """Return the executed notebook; write pictures and replays of its boards to the folder `boards`.

    The notebook's metadata name the boards. steps: shorten the runs, to try it out. The learner's progress is not changed.
    """
    notebook = nbformat.read(lesson, as_version=4)
    if steps:
        shorten(notebook, steps)
    notebook.cells.append(nbformat.v4.new_code_cell(SAVE.format(folder=str(boards.resolve()))))
    boards.mkdir(parents=True, exist_ok=True)
    progress = boards / "progress.jsonl"
    progress.write_text(f"{HEAD}\n{json.dumps({LEARNER: READER})}\n", "utf-8")
    where = {"metadata": {"path": str(lesson.parent)}}
    with variables({TEST_RUN: "1", VARIABLE: str(progress.resolve())}):
        NotebookClient(notebook, timeout=1800, kernel_name="python3", resources=where).execute()
    progress.unlink(missing_ok=True)
    notebook.metadata[BOARDS] = ast.literal_eval(
        notebook.cells.pop().outputs[-1]["data"]["text/plain"]
    )
    return notebook


def shorten(notebook: Any, steps: int) -> None:
    """Set the steps of every run of the lesson."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            given = BOARD.sub(rf"\g<1>, steps={steps}", cell.source)
            cell.source = STEPS.sub(rf"\g<1>{steps}", given)


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables, and restore them afterward."""
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


def save_boards(folder: str) -> dict[str, list[str]]:
    """Run in the lesson's kernel: play unplayed boards, and save each as a picture and a replay under its name.

    Return the board names of each widget by its model's id: a Compare shows two.
    """
    from tltutor.lab.compare import _compares
    from tltutor.lab.lab import _labs
    from tltutor.lessons.runs import autoplay

    for name, lab in list(_labs.items()):
        autoplay(lab)
        for suffix in (".html", ".svg"):
            lab.export(Path(folder) / f"{name}{suffix}")
    shown = {lab.widget.model_id: [name] for name, lab in _labs.items()}
    return shown | {
        both.widget.model_id: [lab.name for lab in both.labs] for both in _compares.values()
    }
