"""`tltutor book OUT`: execute every lesson and write it as a page, with pictures and replays of its boards; check the links."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tltutor.cli.originals import originals
from tltutor.language import LANGUAGES

if TYPE_CHECKING:
    from tltutor.lessons.book.pages import Lesson


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare OUT, --lesson and --steps."""
    parser.add_argument(
        "out",
        type=Path,
        metavar="OUT",
        help="the folder to write to; its index.html links to the lessons",
    )
    parser.add_argument(
        "--lesson", action="append", metavar="NN", help="only this lesson, e.g. 01; may be repeated"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="shorten all runs to N steps, to try it out"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Execute, write, check."""
    from tltutor.lessons.book.links import broken_links
    from tltutor.lessons.book.pages import Lesson, index_page

    wanted = [
        path for path in originals() if not arguments.lesson or path.stem[:2] in arguments.lesson
    ]
    lessons = [
        Lesson(path, path.parent.name if path.parent.name in LANGUAGES else "en") for path in wanted
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    for lesson in lessons:
        print(f"{lesson.page} …", flush=True)
        write(lesson, lessons, arguments.out, arguments.steps)
    (arguments.out / "index.html").write_text(index_page(lessons), "utf-8")
    found = list(broken_links(arguments.out))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    print(
        f"written to {arguments.out / 'index.html'}: {len(lessons)} lessons, {len(found)} broken links"
    )
    return 1 if found else 0


def write(lesson: Lesson, others: Sequence[Lesson], out: Path, steps: int | None) -> None:
    """Write one lesson's page and its boards."""
    from tltutor.lessons.book.pages import lesson_page
    from tltutor.lessons.book.running import executed

    place = out / lesson.page
    place.parent.mkdir(parents=True, exist_ok=True)
    notebook = executed(lesson.path, place.parent / lesson.boards, steps)
    place.write_text(lesson_page(lesson, notebook, others), "utf-8")
