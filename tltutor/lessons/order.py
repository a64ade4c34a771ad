"""Explain a NameError from cells that run out of order: another cell of the notebook defines the name."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tltutor.language import mark, tr

TEXT = mark(
    "{name} does not exist yet: a cell above defines it. Run > Run All Above Selected Cell brings it back."
)


def explain_order() -> None:
    """Add a hint to each NameError for a name that a cell of this notebook defines; do nothing outside a notebook."""
    try:
        from IPython import get_ipython  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return
    shell = get_ipython()  # type: ignore[no-untyped-call, unused-ignore]
    if shell is not None:
        shell.set_custom_exc((NameError,), show)


def show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show the error, with a hint if a cell defines the name; a typo keeps Python's own message."""
    name = getattr(error, "name", None)
    if name and name in assigned_names(cells_of(notebook_path(shell.user_ns))):
        error.args = (f"{error}. {tr(TEXT, name=name)}", *error.args[1:])
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def notebook_path(names: Mapping[str, Any]) -> Path | None:
    """Return the notebook's file from Jupyter's environment variable or VS Code's variable, or None."""
    path = os.environ.get("JPY_SESSION_NAME") or names.get("__vsc_ipynb_file__")
    return Path(str(path)) if path else None


def cells_of(path: Path | None) -> list[str]:
    """Return the sources of the saved notebook's code cells; none if the file cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"] if path else []
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def assigned_names(cells: Iterable[str]) -> set[str]:
    """Return the names that the cells assign, import or define; skip cells with a syntax error."""
    return {name for cell in cells for name in _names(cell)}


def _names(cell: str) -> Iterator[str]:
    lines = (
        line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))
    )  # IPython's own commands
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
