"""`tltutor explore SOURCE TARGET`: write a notebook with the board on one's own two domains, and open it in JupyterLab."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tltutor.cli.lab import has_display, serve, server_arguments
from tltutor.cli.pages import code_cell, notebook_of, text_cell
from tltutor.cli.report import SIDE, add_domains
from tltutor.domains.reading import read_pair
from tltutor.files import replacing
from tltutor.language import tr

NOTEBOOK = Path("explore.ipynb")


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare SOURCE, TARGET, how they are read, --notebook, --no-browser and --port."""
    add_domains(parser)
    parser.add_argument(
        "--notebook",
        type=Path,
        default=NOTEBOOK,
        metavar="FILE.ipynb",
        help="the notebook to write; one that is there is opened as it is (default: %(default)s)",
    )
    parser.add_argument(
        "--only-write", action="store_true", help="write the notebook and do not open it"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening a browser"
    )
    parser.add_argument(
        "--port", type=int, default=8888, help="the first port to try (default: %(default)s)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Read both domains once, so that what is wrong is said here; then write the notebook and serve it."""
    source, target = (
        Path(place).expanduser().resolve() for place in (arguments.source, arguments.target)
    )
    size = arguments.size or SIDE.default
    print(read_pair(source, target, label=arguments.label, size=size))
    path = arguments.notebook.expanduser().resolve()
    if path.suffix != ".ipynb":
        raise ValueError(
            f"a notebook must be an .ipynb file, got {path.name!r}: name it explore.ipynb"
        )
    if path.exists():
        print(f"{path} is there already and is opened as it is: name another with --notebook")
    else:
        options = {"label": arguments.label, "size": size}
        with replacing(path, "notebook") as part:
            part.write_text(json.dumps(notebook(source, target, options), indent=1) + "\n", "utf-8")
        print(f"written to {path}")
    if not arguments.only_write:
        browser = not arguments.no_browser and has_display(os.environ, sys.platform)
        serve(server_arguments(path.parent, path.name, port=arguments.port, browser=browser))
    return 0


def notebook(source: Path, target: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook that reads both domains, shows the board on them, and makes the report."""
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    cells = [
        text_cell(
            tr(
                "# Your two domains\n\nThe board trains on the labeled source and the unlabeled target. Press Play, change λ and"
                " the method, and watch the map. No label of the target is read."
            )
        ),
        code_cell(
            "import tltutor as tl\n\n"
            f"pair = tl.domains.read_pair(\n    {str(source)!r},\n    {str(target)!r}{given},\n)\npair"
        ),
        code_cell('board = tl.Lab(pair, "dann")\nboard'),
        text_cell(
            tr(
                "## A report\n\nIs there a shift, of which kind, would a method help, and how sure is that? It takes about a"
                " minute. `report.save(…)` writes it as a page."
            )
        ),
        code_cell("report = tl.report(pair)\nreport"),
        code_cell('report.save("report.html")'),
    ]
    return notebook_of(cells, "explore")
