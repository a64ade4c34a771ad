"""Reads the command line, runs one command and turns its end into an exit code; knows no command from inside."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import tltutor
from tltutor.cli.flags import UsageError

COMMANDS = {  # name -> what it does; each lives in the file of its name and is imported when asked for
    "lab": "open the lessons in JupyterLab",
    "run": "train on a pair of domains: source-only, one method, target-only",
    "export": "turn a recorded run into a page to replay, an animation or a picture",
    "progress": "show, export or reset what you did in the lessons",
    "book": "write the executed lessons as pages to read",
    "objectives": "list the methods and their settings",
    "data": "list, fetch and verify data sets",
    "doctor": "say what works on this machine, and what to do about the rest",
    "bench": "measure speed on this machine",
}
OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
EXPECTED = (ValueError, TypeError, OSError, RuntimeError, ArithmeticError, ImportError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tltutor …`; 0 when all went well, 1 for a failure, 2 for a wrong command line, 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), "")
    try:
        arguments = build_parser(name, words).parse_args(words)
        execute: Callable[[argparse.Namespace], int] = arguments.execute
    except KeyboardInterrupt:
        return INTERRUPTED
    return _guarded(execute, arguments)


def _guarded(execute: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """The command's exit code; a failure is one sentence on stderr, with a traceback only under --debug."""
    try:
        return execute(arguments)
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output, `head` for instance, has seen enough
        sys.stderr.close()
        return OK
    except EXPECTED as error:
        if arguments.debug:
            raise
        print(f"tltutor {arguments.command}: {one_sentence(error)}", file=sys.stderr)
        return MISUSED if isinstance(error, UsageError) else FAILED


def one_sentence(error: BaseException) -> str:
    """The error's message on one line, or its type where it has none."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split()) or type(error).__name__


class Parser(argparse.ArgumentParser):
    """A parser whose errors point to --help instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nsee {self.prog} --help\n")


def build_parser(name: str, words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of everything; only the named command's own arguments are filled in (it may look at the words for them)."""
    parser = Parser(prog="tltutor", description="See transfer learning happen, live in JupyterLab.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tltutor {tltutor.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for command, text in COMMANDS.items():
        own = commands.add_parser(command, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False)
        own.add_argument("--debug", action="store_true", help="show the traceback of a failure")
        if command == name:
            module = importlib.import_module(f"tltutor.cli.{command}")
            module.add_arguments(own, words)
            own.set_defaults(execute=module.execute)
    return parser
