"""Render the worked examples, one Markdown file each with both languages, as notebooks and as a list of them."""

from __future__ import annotations

from pathlib import Path

from tltutor.language import LANGUAGES
from tltutor.lessons.prose import Cell, read_cells
from tltutor.lessons.rendering.notebooks import NotebookCell, as_text, notebook_cells
from tltutor.lessons.rendering.papers import between_marks, markdown_table

HOME = (
    Path(__file__).parents[1] / "examples"
)  # NAME.md, which begins with a title "# FIELD · SUBJECT"
FOLDER = "examples"  # of the notebooks, beside the lessons'
MARKS = "<!-- examples -->", "<!-- /examples -->"
HEAD = ("field", "example")
MOST = 12  # cells


def example_cells(path: Path) -> tuple[Cell, ...]:
    """Return an example's cells. Errors: ValueError, in one sentence, for a mistake in the file, no title, or too many cells."""
    cells = read_cells(path)
    if not cells or not all(" · " in text.splitlines()[0] for text in _title(cells[0])):
        raise ValueError(
            f"{path.name}: an example must begin with a title in every language, got none: begin with # FIELD · SUBJECT"
        )
    if len(cells) > MOST:
        raise ValueError(
            f"{path.name}: an example must have at most {MOST} cells, got {len(cells)}: join or leave out some"
        )
    return cells


def _title(cell: Cell) -> list[str]:
    return list(cell.prose.values()) or [cell.code]


def example(path: Path, language: str) -> list[NotebookCell]:
    """Return the cells of the notebook in this language."""
    cells = example_cells(path)
    return notebook_cells(cells, [cell.code or cell.prose[language] for cell in cells], language)


def example_files(out: Path, home: Path = HOME) -> dict[Path, str]:
    """Return the text of each notebook by its place below `out`, other languages in folders of their own."""
    return {
        out / FOLDER / ("" if language == "en" else language) / f"{path.stem}.ipynb": as_text(
            example(path, language)
        )
        for language in LANGUAGES
        for path in sorted(home.glob("*.md"))
    }


def with_examples(text: str, home: Path = HOME) -> str:
    """Return the text with the table of all examples between its two marks; without marks, unchanged."""
    rows = []
    for path in sorted(home.glob("*.md")):
        field, _, subject = example_cells(path)[0].prose["en"].splitlines()[0].partition(" · ")
        rows.append((field.removeprefix("# "), f"[{subject}]({FOLDER}/{path.stem}.ipynb)"))
    return between_marks(text, MARKS, markdown_table(HEAD, rows))
