"""Every lesson: clean file, paired text in step, short cells, a first cell to run, and all of it executed, each cell twice."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

TUTORIALS = Path(__file__).parents[1] / "tutorials"
LESSONS = sorted(TUTORIALS.glob("*.ipynb"))
each = pytest.mark.parametrize("lesson", LESSONS, ids=[path.stem for path in LESSONS])
MAX_CELL, MAX_FUNCTION = 15, 10  # lines
FAST = 40  # steps of a run when the lesson is executed here


def read(lesson: Path) -> NotebookNode:
    return nbformat.read(lesson, as_version=4)


def code(lesson: Path) -> list[str]:
    return [cell.source for cell in read(lesson).cells if cell.cell_type == "code"]


def test_there_is_a_lesson() -> None:
    assert LESSONS


@each
def test_the_file_holds_no_outputs_and_no_state(lesson: Path) -> None:
    notebook = read(lesson)
    nbformat.validate(notebook)
    assert set(notebook.metadata) <= {"jupytext", "kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert cell.metadata in ({}, {"jupyter": {"source_hidden": True}})


@each
def test_the_paired_text_says_the_same(lesson: Path) -> None:
    """`jupytext --sync tutorials/NAME.md` brings them together."""
    paired = jupytext.read(lesson.with_suffix(".md"))
    ours = [(cell.cell_type, cell.source, cell.metadata) for cell in read(lesson).cells]
    assert [(cell.cell_type, cell.source, cell.metadata) for cell in paired.cells] == ours


@each
def test_the_first_cell_says_run_me(lesson: Path) -> None:
    assert code(lesson)[0].startswith("# Run me")


@each
def test_cells_and_functions_are_short(lesson: Path) -> None:
    for source in code(lesson):
        assert len(source.splitlines()) <= MAX_CELL, source
        functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
        assert all((f.end_lineno or 0) - f.lineno + 1 <= MAX_FUNCTION for f in functions), source


@each
def test_the_text_names_only_what_the_package_has(lesson: Path) -> None:
    import tltutor
    from tltutor import lessons

    text = "\n".join(cell.source for cell in read(lesson).cells)
    assert set(re.findall(r"\blessons\.(\w+)", text)) <= set(lessons.__all__)
    assert set(re.findall(r"\btl\.(\w+)", text)) <= set(tltutor.__all__)


def with_each_cell_twice(lesson: Path) -> NotebookNode:
    """The lesson with short runs, as a learner might go through it who runs every cell again."""
    notebook = read(lesson)
    again = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(r"\bsteps=\d+", f"steps={FAST}", cell.source)
            copy = nbformat.v4.new_code_cell(cell.source)
            again += [cell, copy]
    notebook.cells = again
    return notebook


@each
def test_it_runs_through_with_every_cell_run_twice(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tltutor.lessons import runs

    monkeypatch.setenv(runs.TEST_RUN, "1")
    notebook = with_each_cell_twice(lesson)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    said = [output for cell in notebook.cells for output in cell.outputs]
    assert not [output for output in said if output.output_type == "error"]
    assert not [output for output in said if output.output_type == "stream" and output.name == "stderr"]
    tables = [str(output.data["text/plain"]) for output in said if "tlt-beside" in str(output.get("data", {}).get("text/html"))]
    assert tables
    assert all(f"{FAST} of {FAST}" in table and "let it finish" not in table for table in tables)
