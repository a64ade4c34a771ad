"""Print what `make test-oldest` installs: each dependency in the oldest version that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def oldest() -> list[str]:
    """The package's dependencies, pinned to their lower bounds, and those of the tests' tools that have one.

    Raises a ValueError for a dependency of the package without a lower bound.
    """
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    found = []
    for requirement in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        match = re.fullmatch(r"([\w-]+)>=([\w.]+)", requirement)
        if match is None and requirement in project["optional-dependencies"]["test"]:
            continue
        if match is None:
            raise ValueError(
                f"a dependency must have a lower bound and nothing else, got {requirement!r}: write name>=version"
            )
        found.append("==".join(match.groups()))
    return found


if __name__ == "__main__":
    print("\n".join(oldest()))  # noqa: T201 - this is what it is for
