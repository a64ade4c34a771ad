"""`tltutor lab`: open the learner's copy of the lessons in a JupyterLab that only this machine can reach, with a token."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tltutor.cli.flags import UsageError
from tltutor.cli.originals import (
    LessonCopy,
    examples,
    find_lesson,
    hand_out,
    originals,
    own_name,
)

ADDRESS = "127.0.0.1"
FOLDER = Path("tltutor-lessons")


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare LESSON, --folder, --no-browser and --port."""
    parser.add_argument(
        "lesson",
        nargs="?",
        default="01",
        help="number or name of the lesson, or name of a worked example (default: 01)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        help="folder of your copies of the lessons (default: %(default)s)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening a browser"
    )
    parser.add_argument(
        "--port", type=int, default=8888, help="the first port to try (default: %(default)s)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Copy the lessons, then serve JupyterLab until Ctrl-C."""
    lessons = (*originals(), *examples())
    try:
        lesson = find_lesson(arguments.lesson, lessons)
    except ValueError as error:
        raise UsageError(str(error)) from error
    folder = arguments.folder.expanduser().resolve()
    print(report(hand_out(lessons, folder), folder), flush=True)
    print(f"  worked examples, to open by name: {', '.join(example_names())}", flush=True)
    browser = not arguments.no_browser and has_display(os.environ, sys.platform)
    serve(server_arguments(folder, own_name(lesson), port=arguments.port, browser=browser))
    return 0


def example_names() -> list[str]:
    """Return the names of the worked examples."""
    return sorted({path.stem for path in examples()})


def report(handed: Sequence[LessonCopy], folder: Path) -> str:
    """Return what was done as text."""
    counts = Counter(h.what for h in handed)
    lines = [f"Your lessons are in {folder}"]
    if counts["copied"]:
        lines.append(f"  copied: {counts['copied']}")
    lines += [
        f"  {h.path.name}: updated to a newer version (you had not changed yours)"
        for h in handed
        if h.what == "updated"
    ]
    lines += [
        f"  {h.path.name}: a newer version, saved beside your own work"
        for h in handed
        if h.what == "beside"
    ]
    return "\n".join(lines)


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Return True if a browser window can open here."""
    return not platform.startswith("linux") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def server_arguments(folder: Path, lesson: str, *, port: int, browser: bool) -> list[str]:
    """Return JupyterLab's command line; it overrides the user's Jupyter configuration."""
    return [
        f"--ServerApp.ip={ADDRESS}",
        "--ServerApp.sock=",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.open_browser={browser}",
        "--ServerApp.allow_remote_access=False",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
        "--ServerApp.answer_yes=True",  # one Ctrl-C is enough
        "--LabApp.news_url=None",  # no request to the internet; jupyter/labconfig also disables the question about news
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.allow_root=True",  # containers run as root; the address is local anyway
        f"--LabApp.default_url=/lab/workspaces/tltutor/tree/{lesson}",
    ]


def serve(arguments: list[str]) -> None:
    """Run JupyterLab in this process until it is stopped."""
    from jupyterlab.labapp import LabApp

    os.environ["JUPYTER_CONFIG_PATH"] = config_path(os.environ)
    server = LabApp.initialize_server(argv=arguments)
    keep_token(server)
    server.log.addFilter(
        lambda record: "To access the server" not in str(record.msg)
    )  # the next line prints the address once
    print(f"\nJupyterLab is at\n\n    {server.local_url}\n\nCtrl-C here stops it.", flush=True)
    server.start()


def config_path(environment: Mapping[str, str]) -> str:
    """Return Jupyter's configuration path with the lessons' settings in front: no news, notebooks in full."""
    paths = [str(Path(__file__).with_name("jupyter")), environment.get("JUPYTER_CONFIG_PATH", "")]
    return os.pathsep.join(filter(None, paths))


def keep_token(server: Any) -> None:
    """Generate a token if the user's configuration has neither a token nor a password."""
    identity = server.identity_provider
    if not identity.token and not getattr(identity, "hashed_password", ""):
        identity.token, identity.token_generated = secrets.token_hex(24), True
