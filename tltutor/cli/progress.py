"""`tltutor progress`: show your progress in the lessons, export it as CSV for a teacher, or reset it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tltutor.cli.flags import UsageError
from tltutor.files import replacing
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.progress import Progress
from tltutor.lessons.report import as_csv, lesson_lines

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare --file, --csv and --reset."""
    parser.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="another progress file (default: TLTUTOR_PROGRESS, else in your user data folder)",
    )
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="OUT",
        help="write one line per task to OUT, for a teacher; - prints them",
    )
    parser.add_argument(
        "--reset",
        nargs="?",
        const=ALL,
        metavar="LESSON",
        help="delete the progress of this lesson, or of all lessons",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Show, export or reset."""
    progress = Progress(arguments.file)
    if arguments.reset:
        return reset(progress, arguments.reset)
    if progress.note:
        print(progress.note)
    if arguments.csv:
        return export(progress, arguments.csv)
    lines = lesson_lines(progress) or ["Nothing yet: `tltutor lab` opens the first lesson."]
    print("\n".join([*lines, "", f"stored in {progress.path}"]))
    return 0


def export(progress: Progress, out: Path) -> int:
    """Write the CSV; the byte order mark lets spreadsheets read it as UTF-8."""
    text = as_csv(progress)
    if str(out) == "-":
        print(text, end="")
    else:
        with replacing(out, "table") as part:
            part.write_text(text, "utf-8-sig")
        print(f"written to {out}: {len(text.splitlines()) - 1} tasks")
    return 0


def reset(progress: Progress, lesson: str) -> int:
    """Delete the progress of one lesson or of all."""
    number = lesson.zfill(2) if lesson.isdecimal() else lesson
    if number not in (ALL, *lesson_numbers()):
        raise UsageError(
            f"--reset takes one of {', '.join(lesson_numbers())}, or nothing for all, got {lesson!r}"
        )
    gone = progress.reset(None if number == ALL else number)
    print(
        f"deleted: {gone} entries of {'all lessons' if number == ALL else f'lesson {number}'} in {progress.path}"
    )
    return 0
