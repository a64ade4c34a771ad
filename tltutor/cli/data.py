"""`tltutor data list | fetch | verify`: list data sets, download them, verify their files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from tqdm import tqdm

from tltutor.cli.flags import UsageError
from tltutor.domains.downloads import fetch
from tltutor.domains.sets import SETS, Check, SetStatus, list_sets, verify
from tltutor.files import data_roots
from tltutor.settings import check_name


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare the action, the sets' names, --data-dir and --json."""
    parser.add_argument("action", choices=("list", "fetch", "verify"))
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(SETS)}; verify without a name checks all that are here",
    )
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="the data root, instead of $TLTUTOR_DATA and the usual places",
    )
    parser.add_argument("--json", action="store_true", help="list and verify: print JSON alone")


def execute(arguments: argparse.Namespace) -> int:
    """Run the action."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": show,
        "fetch": get,
        "verify": read_again,
    }
    try:
        arguments.names = [check_name(name, SETS, what="data set") for name in arguments.names]
    except ValueError as error:
        raise UsageError(str(error)) from error
    return actions[arguments.action](arguments)


def show(arguments: argparse.Namespace) -> int:
    """Print the known sets and where they are."""
    statuses = [
        s for s in list_sets(arguments.data_dir) if not arguments.names or s.name in arguments.names
    ]
    if arguments.json:
        print(json.dumps([asdict(status) for status in statuses], indent=2, default=str))
        return 0
    print("\n".join(map(status_line, statuses)))
    print(
        f"\nlooked in {', '.join(map(str, data_roots(arguments.data_dir)))}; the embedded pairs need none of these"
    )
    return 0


def status_line(status: SetStatus) -> str:
    """Return one set's line: where it is, or how to get it."""
    where = (
        f"in {status.where}"
        if status.present
        else f"missing ({status.size}): get it {status.remedy}"
    )
    return f"{status.name:<14} {status.title:<59} {where}"


def get(arguments: argparse.Namespace) -> int:
    """Fetch the named sets, with a progress bar per file."""
    if not arguments.names:
        raise UsageError(f"data fetch needs the name of a set, got none: {', '.join(SETS)}")
    for name in arguments.names:
        bars = Bars()
        try:
            root = fetch(name, arguments.data_dir, progress=bars)
        finally:
            bars.close()
        print(f"{name}: complete in {root}")
    return 0


class Bars:
    """A progress bar for each file in turn; called with its name, bytes so far and total bytes."""

    def __init__(self) -> None:
        self._name, self._bar = "", tqdm(disable=True)

    def __call__(self, name: str, done: int, total: int | None) -> None:
        if name != self._name or done < self._bar.n:
            self.close()
            self._name = name
            self._bar = tqdm(desc=name, total=total, unit="B", unit_scale=True, unit_divisor=1024)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


def read_again(arguments: argparse.Namespace) -> int:
    """Verify the named sets, or all that are here; return 1 if a file is damaged or missing."""
    names = arguments.names or [s.name for s in list_sets(arguments.data_dir) if s.present]
    found = {name: verify(name, arguments.data_dir) for name in names}
    if arguments.json:
        print(
            json.dumps(
                {name: [asdict(c) for c in checks] for name, checks in found.items()}, indent=2
            )
        )
    else:
        print(
            "\n".join(check_line(name, check) for name, checks in found.items() for check in checks)
            or "no data set is here"
        )
    return 0 if all(check.ok for checks in found.values() for check in checks) else 1


def check_line(name: str, check: Check) -> str:
    """Return the line of one file, with a remedy if it is damaged."""
    remedy = "" if check.ok else f" -> get it {SETS[name].remedy}"
    return f"{check.state:<10} {check.path}: {check.text}{remedy}"
