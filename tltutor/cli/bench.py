"""`tltutor bench`: measure speed on this machine with tltutor.machine.bench."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial

from tltutor.cli.run import check_writable, write_json


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare --json, --maps and --soak."""
    parser.add_argument(
        "--soak",
        metavar="MINUTES",
        type=float,
        help="instead: memory of kernel and page, while a board trains",
    )
    parser.add_argument(
        "--maps",
        nargs="?",
        const="full",
        choices=("full", "quick", "motion"),
        help="instead: compare the live maps with umap-learn and openTSNE, in about ten minutes (quick: few frames of 400 points);"
        " motion: how far what moves on them is what moves in the features",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="also write the figures as JSON; - prints JSON alone"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Measure with progress on stderr, and print the figures."""
    from tltutor.machine import bench

    check_writable(arguments.json)
    say = partial(print, file=sys.stderr, flush=True)
    if arguments.soak:
        figures = {"soak": bench.live.soak(arguments.soak)}
    elif arguments.maps == "motion":
        figures = bench.maps.motion(say)
    elif arguments.maps:
        figures = bench.maps.maps(say, **(bench.maps.QUICK if arguments.maps == "quick" else {}))
    else:
        figures = bench.run(say)
    if arguments.json != "-":
        print("\n".join(f"{name}: {json.dumps(value)}" for name, value in figures.items()))
    write_json(figures, arguments.json)
    return 0
