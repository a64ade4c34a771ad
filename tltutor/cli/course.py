"""`tltutor course sheet | gain | usability`: a course's test before and after, and its questionnaire, with what the answers say."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tltutor.cli.classroom import add_language
from tltutor.files import replacing
from tltutor.language import language

if TYPE_CHECKING:
    from tltutor.lessons.course import Gain

KINDS = ("test", "key", "usability")


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare the three tasks."""
    parsers = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    text = "write the test, its key or the questionnaire as a page to print"
    own = parsers.add_parser("sheet", help=text, allow_abbrev=False)
    own.add_argument("kind", choices=KINDS, help="which one")
    own.add_argument("out", type=Path, metavar="OUT.html", help="the page to write")
    add_language(own)
    own.set_defaults(work=write_sheet)

    lines = "one line a learner: a name or number, then the answers"
    text = "compare the test before and after the course"
    own = parsers.add_parser("gain", help=text, allow_abbrev=False)
    own.add_argument("before", type=Path, metavar="BEFORE.csv", help=f"{lines} A to D")
    own.add_argument("after", type=Path, metavar="AFTER.csv", help="the same, after the course")
    own.set_defaults(work=print_gain)

    text = "score the questionnaire"
    own = parsers.add_parser("usability", help=text, allow_abbrev=False)
    own.add_argument("answers", type=Path, metavar="ANSWERS.csv", help=f"{lines} 1 to 5")
    own.set_defaults(work=print_usability)


def execute(arguments: argparse.Namespace) -> int:
    """Do one of them."""
    if getattr(arguments, "language", None):
        language(arguments.language)
    work: int = arguments.work(arguments)
    return work


def write_sheet(arguments: argparse.Namespace) -> int:
    """Write the page."""
    from tltutor.lessons import course

    with replacing(arguments.out, "page") as part:
        part.write_text(course.sheet(arguments.kind), "utf-8")
    print(f"written to {arguments.out}")
    return 0


def print_gain(arguments: argparse.Namespace) -> int:
    """Print the points before and after, the normalized gain and its interval, and each question."""
    from tltutor.lessons import course
    from tltutor.lessons.course.questions import LETTERS

    items = course.questions()
    before, after = (
        course.read_answers(path, n=len(items), choices=LETTERS)
        for path in (arguments.before, arguments.after)
    )
    print(gain_text(course.gain_of(before, after, items), len(items)))
    return 0


def gain_text(gain: Gain, most: int) -> str:
    """Return what was gained as text."""
    from tltutor.lessons.course.gain import FEW

    n, low, high = len(gain.before), *gain.interval
    lines = [
        f"{n} learners answered both tests, of {most} questions",
        f"before {gain.before.mean():5.2f} ± {_spread(gain.before)} points (mean ± standard deviation)",
        f"after  {gain.after.mean():5.2f} ± {_spread(gain.after)} points",
        f"normalized gain {gain.normalized:.2f}, 95 % interval {low:.2f} to {high:.2f} (bootstrap over learners)",
    ]
    if n < FEW:
        lines.append(f"with fewer than {FEW} learners the interval says little")
    if gain.alone:
        lines.append(f"left out, since they answered once: {', '.join(gain.alone)}")
    lines += ["", f"{'question':14}{'before':>8}{'after':>8}  wrong answer that most chose after"]
    lines += [
        f"{row.id:14}{row.before:8.0%}{row.after:8.0%}  {f'{row.error} ({row.errors})' if row.error else '-'}"
        for row in gain.rows
    ]
    lines += [
        "",
        "A course without a control group: what it gained beside what time alone brings is not known.",
    ]
    return "\n".join(lines)


def _spread(points: object) -> str:
    import numpy as np

    values = np.asarray(points)
    return f"{values.std(ddof=1):.2f}" if len(values) > 1 else "-"


def print_usability(arguments: argparse.Namespace) -> int:
    """Print the mean score with its interval."""
    from tltutor.lessons import course
    from tltutor.lessons.course.usability import CHOICES

    answers = course.read_answers(arguments.answers, n=len(course.statements()), choices=CHOICES)
    found = course.usability_of(answers)
    low, high = found.interval
    print(
        f"{len(found.scores)} learners: {found.mean:.1f} of 100, 95 % interval {low:.1f} to {high:.1f}"
    )
    print(
        "scored as the System Usability Scale (Brooke, 1996), whose wording it changes: compare it with its own earlier scores first"
    )
    return 0
