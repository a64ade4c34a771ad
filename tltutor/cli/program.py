"""Read the command line, run one command and return its exit code; it does not know what a command does."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import tltutor
from tltutor.cli.flags import UsageError

COMMANDS = {  # name -> what it does; the file of that name is imported when the command runs
    "lab": "open the lessons in JupyterLab",
    "run": "train on a pair of domains: source-only, one method, target-only",
    "sweep": "try settings of several methods over seeds, and choose without target labels",
    "explore": "open a notebook with the board on two domains of your own",
    "app": "show a lesson's boards, or one board, as a page without code; also as a kiosk",
    "report": "write a page on two domains of your own: is there a shift, and would a method help?",
    "export": "turn a recorded run into a page to replay, an animation or a picture",
    "publish": "record a grid of runs and write a page whose sliders choose between them",
    "progress": "show, export or reset your progress in the lessons",
    "class": "let a class vote, see its progress, and write exit tickets for a learning platform",
    "course": "print a test and a questionnaire for a course, and evaluate the answers",
    "book": "write the executed lessons as pages to read",
    "render": "render the lesson folders as notebooks, slides, homework, answer keys or tables",
    "objectives": "list the methods and their settings",
    "data": "list, fetch and verify data sets",
    "doctor": "show what works on this machine and how to fix the rest",
    "bench": "measure speed on this machine",
}
FILES = {"class": "classroom"}  # where the file has another name: class is a word of Python
OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
EXPECTED = (ValueError, TypeError, OSError, RuntimeError, ArithmeticError, ImportError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tltutor …`; return 0 for success, 1 for a failure, 2 for a wrong command line, 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), "")
    try:
        arguments = build_parser(name, words).parse_args(words)
        execute: Callable[[argparse.Namespace], int] = arguments.execute
    except KeyboardInterrupt:
        return INTERRUPTED
    return _guarded(execute, arguments)


def _guarded(execute: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Return the command's exit code; print a failure as one sentence on stderr, with a traceback only under --debug."""
    try:
        return execute(arguments)
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the output, e.g. `head`, has closed it
        sys.stderr.close()
        return OK
    except EXPECTED as error:
        if arguments.debug:
            raise
        print(f"tltutor {arguments.command}: {one_sentence(error)}", file=sys.stderr)
        return MISUSED if isinstance(error, UsageError) else FAILED


def one_sentence(error: BaseException) -> str:
    """Return the error's message on one line, or its type if it has none."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split()) or type(error).__name__


class Parser(argparse.ArgumentParser):
    """A parser whose errors refer to --help instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nsee {self.prog} --help\n")


def build_parser(name: str, words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; only the named command adds its arguments, which may depend on the words."""
    parser = Parser(
        prog="tltutor",
        description="See transfer learning happen, live in JupyterLab.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tltutor {tltutor.__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    for command, text in COMMANDS.items():
        own = commands.add_parser(
            command, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
        )
        own.add_argument("--debug", action="store_true", help="show the traceback of a failure")
        if command == name:
            module = importlib.import_module(f"tltutor.cli.{FILES.get(command, command)}")
            module.add_arguments(own, words)
            own.set_defaults(execute=module.execute)
    return parser
