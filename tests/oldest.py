"""Print what `make test-oldest` installs: each dependency in the oldest version that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def oldest() -> list[str]:
    """The dependencies of the package, pinned to their lower bounds; a ValueError for one without a lower bound."""
    found = []
    for requirement in tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["dependencies"]:
        match = re.fullmatch(r"([\w-]+)>=([\w.]+)", requirement)
        if match is None:
            raise ValueError(
                f"a dependency must have a lower bound and nothing else, got {requirement!r}: write name>=version"
            )
        found.append("==".join(match.groups()))
    return found


if __name__ == "__main__":
    print("\n".join(oldest()))  # noqa: T201 - this is what it is for
