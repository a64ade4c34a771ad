"""`tltutor objectives`: list every method with its settings, from the declarations that make the sliders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tltutor.cli import flags

if TYPE_CHECKING:
    from tltutor.objectives import Objective
    from tltutor.settings import Setting


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare NAME."""
    parser.add_argument("name", nargs="?", help="only this method")


def execute(arguments: argparse.Namespace) -> int:
    """Print name, title and settings of each objective."""
    from tltutor.objectives import find_objective, objective_names

    names = [arguments.name] if arguments.name else objective_names()
    print("\n\n".join(entry(find_objective(name)) for name in names))
    return 0


def entry(objective: type[Objective]) -> str:
    """Return one objective's title and a line for each setting."""
    settings = objective.declared()
    return "\n".join([f"{objective.name}: {objective.title}", *map(line, settings)])


def line(setting: Setting) -> str:
    """Return one setting's flag, sentence and bounds."""
    flag = f"--{setting.name.replace('_', '-')}"
    moves = "" if setting.live else " Starts a new run."
    return f"  {flag:<22} {flags.describe(setting).replace('%%', '%')}{moves}"
