"""`tltutor objectives`: list every method by family with its settings, from the declarations that make the sliders."""

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
    """Print name, title and settings of one objective, or of all, family by family."""
    from tltutor.objectives import find_objective, objective_groups

    if arguments.name:
        print(entry(find_objective(arguments.name)))
        return 0
    for place, group in enumerate(objective_groups()):
        heading = f"== {group.title}: {group.text}"
        entries = [entry(find_objective(name)) for name in group.names]
        print("\n" * bool(place) + "\n\n".join([heading, *entries]))
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
