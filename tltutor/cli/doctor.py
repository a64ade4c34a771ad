"""`tltutor doctor`: print the findings, one per line, with remedies; exit code 1 if something necessary does not work."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from tltutor.machine.doctor import Finding, examine, warm_umap


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare --json and --warm."""
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument(
        "--warm", action="store_true", help="compile umap-learn now (up to a minute)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Print the findings."""
    if arguments.warm:
        print("compiling umap-learn …", file=sys.stderr, flush=True)
        warm_umap()
    findings = examine()
    print(
        json.dumps([asdict(f) for f in findings], indent=2)
        if arguments.json
        else "\n".join(map(line, findings))
    )
    return 1 if any(f.state == "fail" for f in findings) else 0


def line(finding: Finding) -> str:
    """Return the text of one finding, with its remedy below it."""
    first = f"{finding.state:<5} {finding.name:<14} {finding.found}"
    return first + (f"\n{'':<20} -> {finding.remedy}" if finding.remedy else "")
