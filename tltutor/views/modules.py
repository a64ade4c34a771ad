"""The page's programs, one module each: `make bundle` makes them from the front end's files and puts them into dist/."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_SAID = re.compile(r'\b(?:t|mark)\(("(?:[^"\\]|\\.)*")')


@cache
def said(script: str) -> tuple[str, ...]:
    """The words that a script says by `t(…)` or `mark(…)`, each once."""
    return tuple(dict.fromkeys(map(json.loads, _SAID.findall(script))))


def bundled(entry: Path) -> str:
    """The text of `entry` with all that it imports, as one module."""
    return (entry.parent / "dist" / entry.name).read_text("utf-8")
