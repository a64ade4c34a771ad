"""`tltutor app WHAT`: a lesson's boards, or one board on a pair of domains, as a page without code, served by Voila."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tltutor.cli.flags import UsageError
from tltutor.cli.lab import ADDRESS, has_display
from tltutor.cli.pages import code_cell, notebook_of, text_cell
from tltutor.cli.run import pair_name
from tltutor.language import language
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.wording import BoardData, Script, script
from tltutor.objectives import OBJECTIVES
from tltutor.settings import Setting, check_name

IDLE = Setting(
    "kiosk", 120, 5, 86_400, unit="s", text="Seconds of rest after which a page begins anew."
)
PAGE = "board.ipynb"


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare WHAT, --objective, --board, --kiosk, --no-browser and --port."""
    parser.add_argument(
        "what",
        nargs="?",
        default="01",
        metavar="WHAT",
        help="number of a lesson, for its boards, or a pair of domains (default: %(default)s)",
    )
    parser.add_argument(
        "--objective",
        default="dann",
        help="the method, on a pair of domains (default: %(default)s)",
    )
    parser.add_argument("--board", metavar="NAME", help="of a lesson this board alone")
    parser.add_argument(
        "--kiosk",
        metavar="SECONDS",
        nargs="?",
        type=float,
        const=IDLE.default,
        help=f"begin anew once nobody has touched the page for so long ({IDLE.default:g} where no number is given)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening a browser"
    )
    parser.add_argument(
        "--port", type=int, default=8866, help="where the page is served (default: %(default)s)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the page's notebook to a folder that ends with it, and serve it until Ctrl-C."""
    idle = None if arguments.kiosk is None else IDLE.check(arguments.kiosk)
    page = notebook(arguments.what, arguments.objective, arguments.board, idle)
    if importlib.util.find_spec("voila") is None:
        raise ModuleNotFoundError(
            "an app needs the package voila, which is not installed: pip install 'tltutor[app]'"
        )
    browser = not arguments.no_browser and has_display(os.environ, sys.platform)
    with tempfile.TemporaryDirectory(prefix="tltutor-app-") as folder:
        path = Path(folder, PAGE)
        path.write_text(json.dumps(page), "utf-8")
        serve(server_arguments(path, port=arguments.port, browser=browser))
    return 0


def serve(arguments: list[str]) -> None:
    """Run Voila in this process until it is stopped."""
    from voila.app import Voila

    Voila.launch_instance(arguments)


def server_arguments(path: Path, *, port: int, browser: bool) -> list[str]:
    """Return Voila's command line: this machine alone, with a token, and no kernel that outlives its page for long."""
    return [
        str(path),
        f"--Voila.ip={ADDRESS}",
        f"--port={port}",
        "--token",
        f"--Voila.open_browser={browser}",
        "--MappingKernelManager.cull_idle_timeout=600",
        "--MappingKernelManager.cull_interval=60",
    ]


def notebook(what: str, objective: str, board: str | None, idle: float | None) -> dict[str, Any]:
    """Return a notebook of the page. Errors: UsageError for an unknown lesson, pair, method or board."""
    cells = [*_cells(what, objective, board)]
    if idle is not None:
        cells.append(code_cell(f"from tltutor.views.kiosk import Kiosk\n\nKiosk({idle!r})"))
    if language() != "en":  # the page's kernel knows no command line
        cells.insert(0, code_cell(f"from tltutor import lessons\n\nlessons.speak({language()!r})"))
    return notebook_of(cells, "app")


def _cells(what: str, objective: str, board: str | None) -> Iterator[dict[str, Any]]:
    if what not in lesson_numbers():
        if board is not None:
            raise UsageError(f"--board names a board of a lesson, got {what!r}, which is none")
        try:
            pair = pair_name(what)
            check_name(objective, OBJECTIVES, what="objective")
        except ValueError as error:
            lessons = ", ".join(lesson_numbers())
            raise UsageError(f"an app shows a lesson ({lessons}) or a pair: {error}") from error
        yield text_cell(f"# {pair}")
        yield code_cell(f"import tltutor as tl\n\ntl.Lab({pair!r}, {objective!r})")
        return
    lesson = script(what)
    yield text_cell(f"# {_in_use(lesson.title)}")
    for name, data in _chosen(lesson, what, board).items():
        yield text_cell(f"## {_in_use(data.text) if data.text else name}")
        yield code_cell(_board(name, data))


def _chosen(lesson: Script, number: str, board: str | None) -> dict[str, BoardData]:
    if not lesson.boards:
        raise UsageError(
            f"lesson {number} has no board of its own: choose another lesson, or a pair"
        )
    if board is None:
        return dict(lesson.boards)
    try:
        check_name(board, lesson.boards, what="board")
    except ValueError as error:
        raise UsageError(str(error)) from error
    return {board: lesson.boards[board]}


def _board(name: str, data: BoardData) -> str:
    """Return the code that makes a board from what its lesson's script says of it."""
    given = ", ".join(f"{key}={value!r}" for key, value in {"name": name, **data.lab}.items())
    if data.fault:
        return f"from tltutor.lessons.broken import BrokenLab\n\nBrokenLab({data.fault!r}, {given})"
    return f"import tltutor as tl\n\ntl.Lab({given})"


def _in_use(text: Any) -> str:
    return str(text.get(language(), text["en"]))
