"""`tltutor render`: render the lesson folders as notebooks, slides, homework, answer keys or tables, or say what is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from tltutor.cli.flags import UsageError

ELSEWHERE = Path("build", "lessons")  # where all kinds but notebooks go


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare KIND, --lesson, --out and --check."""
    from tltutor.lessons.rendering.files import KINDS

    parser.add_argument(
        "kind",
        nargs="?",
        default="notebooks",
        choices=[*KINDS, "all"],
        help="what to render (default: notebooks)",
    )
    parser.add_argument(
        "--lesson", action="append", metavar="NN", help="only this lesson, e.g. 01; may be repeated"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help=f"where to write (default: notebooks to the checkout's tutorials/, the rest to {ELSEWHERE})",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; name what is stale, and fail if anything is",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Check the lessons, then render them or name what is stale."""
    from tltutor.lessons.authoring import complaints
    from tltutor.lessons.folders import find_folder, lesson_folders
    from tltutor.lessons.rendering.files import KINDS, files_of, left_over, stale, write
    from tltutor.lessons.wording import read_script

    folders = [find_folder(n) for n in arguments.lesson or ()] or list(lesson_folders().values())
    wrong = [sentence for folder in folders for sentence in complaints(folder)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    scripts = [read_script(folder) for folder in folders]
    everything = [read_script(folder) for folder in lesson_folders().values()]
    done: list[Path] = []
    for kind in KINDS if arguments.kind == "all" else [arguments.kind]:
        out = arguments.out or place_of(kind)
        files = files_of(kind, scripts, everything, out)
        done += stale(files) if arguments.check else write(files)
        done += left_over(kind, everything, out) if arguments.check else []
    word = "stale" if arguments.check else "written"
    print(
        "\n".join(
            [
                *(f"{word}: {path}" for path in done),
                f"{len(scripts)} lessons, {len(done)} files {word}",
            ]
        )
    )
    return int(arguments.check and bool(done))


def place_of(kind: str) -> Path:
    """Return where files of this kind go unless --out says otherwise."""
    if kind != "notebooks":
        return ELSEWHERE
    tutorials = Path(str(resources.files("tltutor"))).parent / "tutorials"
    if not tutorials.is_dir():
        raise UsageError(
            f"notebooks go to the checkout's tutorials, got no {tutorials}: name a folder with --out"
        )
    return tutorials
