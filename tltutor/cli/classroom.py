"""`tltutor class serve | report | tickets`: votes from phones, the progress of a class, exit tickets for a learning platform."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tltutor.cli import flags
from tltutor.cli.flags import UsageError
from tltutor.files import replacing
from tltutor.language import LANGUAGES, language
from tltutor.lessons.folders import lesson_numbers
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.classroom.app import Classroom

PORT = Setting(
    "port",
    8765,
    0,
    65_535,
    "int",
    live=False,
    text="Port of the service; 0 takes one that is free.",
)


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare the commands for a class."""
    parsers = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    for name, (text, add) in TASKS.items():
        about = text[0].upper() + text[1:] + "."
        own = parsers.add_parser(name, help=text, description=about, allow_abbrev=False)
        own.add_argument(
            "--debug",
            action="store_true",
            default=argparse.SUPPRESS,
            help="show the traceback of a failure",
        )
        add(own)


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Declare where the votes are kept and who can reach them."""
    parser.add_argument(
        "--interface",
        metavar="NAME",
        help="a network interface or its address, such as wlan0, for phones to reach it (default: this machine alone)",
    )
    flags.add_flag(parser, PORT)
    parser.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="keep the votes here (default: in your user data folder)",
    )
    parser.add_argument(
        "--new",
        action="store_true",
        help="begin a new room with its own code; earlier votes stay in the file",
    )
    parser.add_argument(
        "--hub",
        metavar="ADDRESS",
        help="below a JupyterHub that starts this command: its address as learners type it; names and logins are the Hub's",
    )
    parser.set_defaults(work=serve)


def add_report(parser: argparse.ArgumentParser) -> None:
    """Declare the folders, and what is written."""
    parser.add_argument(
        "places",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="holds the learners' progress files, such as ann.jsonl or ann/progress.jsonl",
    )
    parser.add_argument("--page", type=Path, metavar="OUT.html", help="write one page here")
    parser.add_argument(
        "--csv", type=Path, metavar="OUT.csv", help="write one line per learner and task here"
    )
    add_language(parser)
    parser.set_defaults(work=report)


def add_tickets(parser: argparse.ArgumentParser) -> None:
    """Declare the lesson and the package."""
    parser.add_argument(
        "lesson", choices=lesson_numbers(), metavar="LESSON", help="its number, such as 01"
    )
    parser.add_argument("out", type=Path, metavar="OUT.zip", help="the package to write")
    add_language(parser)
    parser.set_defaults(work=tickets)


def add_language(parser: argparse.ArgumentParser) -> None:
    """Declare --language."""
    parser.add_argument(
        "--language", choices=LANGUAGES, help="of what is written (default: TLTUTOR_LANG, or en)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Do one of them."""
    if getattr(arguments, "language", None):
        language(arguments.language)
    work: int = arguments.work(arguments)
    return work


def serve(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from tltutor.classroom import serving
    from tltutor.classroom.running import folder

    try:
        host = serving.host_of(arguments.interface) if arguments.interface else serving.HOME
    except ValueError as error:
        raise UsageError(str(error)) from error
    port = PORT.default if arguments.port is None else arguments.port
    file = arguments.file or folder() / "votes.sqlite"
    if arguments.hub:
        serve_hub(arguments.hub, file, new=arguments.new)
        return 0
    serving.serve(
        serving.Place(host, int(port)),
        file,
        new=arguments.new,
        on_start=lambda classroom: introduce(classroom, alone=host == serving.HOME),
    )
    return 0


def serve_hub(address: str, file: Path, *, new: bool) -> None:
    """Serve below a Hub, at the address where the Hub looks for the service, on this machine alone."""
    from urllib.parse import urlsplit

    from tltutor.classroom import hub, serving

    try:
        prefix, own = hub.place_of_service()
    except RuntimeError as error:
        raise UsageError(str(error)) from error
    if urlsplit(address).scheme not in ("http", "https"):
        raise UsageError(
            f"--hub must be the Hub's address http://… or https://…, got {address!r}: write it as learners type it"
        )
    serving.serve(
        serving.Place(own.hostname or serving.HOME, own.port or 0, address.rstrip("/"), prefix),
        file,
        new=new,
        door=lambda _: hub.HubDoor(prefix),
    )


def introduce(classroom: Classroom, *, alone: bool) -> None:
    """Print the two addresses: the class's and the teacher's."""
    room = classroom.store.room
    base = classroom.address.rpartition("r/")[0]
    print(f"the class votes at {classroom.address}  (room code {room.code})")
    print(f"you open and close votes at {base}teach?key={room.key}")
    print(
        f"votes are stored in {classroom.store.path}; Ctrl-C ends the service, and no vote is lost"
    )
    if alone:
        print("only this machine can reach it: add --interface NAME to let phones in", flush=True)


def report(arguments: argparse.Namespace) -> int:
    """Print who is where, and write the page and the table. A broken file gets a sentence, and the rest goes on."""
    from tltutor.lessons import desk

    group = desk.read_class(arguments.places)
    for complaint in group.complaints:
        print(complaint, file=sys.stderr)
    if not group.learners:
        raise ValueError(
            "a report needs one progress file (*.jsonl) or more, got none that can be read in "
            f"{', '.join(map(str, arguments.places))}: collect them in a folder, one a learner"
        )
    found = desk.find(group)
    for row in found.rows:
        places = ", ".join(
            f"{number}: {place.done}/{place.all}" for number, place in row.places.items()
        )
        print(f"{row.name}  {places or '-'}  {row.last}")
    if arguments.page:
        with replacing(arguments.page, "page") as part:
            part.write_text(desk.page(group, found), "utf-8")
        print(f"written to {arguments.page}")
    if arguments.csv:
        with replacing(arguments.csv, "table") as part:
            part.write_text(desk.table(group), "utf-8-sig")
        print(f"written to {arguments.csv}")
    return 0


def tickets(arguments: argparse.Namespace) -> int:
    """Write the package."""
    from tltutor.lessons import desk

    questions = desk.write_tickets(arguments.lesson, arguments.out)
    print(f"written to {arguments.out}: {questions} questions (QTI 2.1)")
    return 0


TASKS = {  # name -> what it does, and its arguments
    "serve": ("let a class vote from its phones", add_serve),
    "report": ("join the progress files of a class into one table and one page", add_report),
    "tickets": (
        "write a lesson's exit ticket as a QTI package for a learning platform",
        add_tickets,
    ),
}
