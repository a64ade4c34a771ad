"""One module from several: the front end's files import one another by relative paths, a page gets them as one text."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)

_SAID = re.compile(r'\b(?:t|mark)\(("(?:[^"\\]|\\.)*")')


@cache
def said(script: str) -> tuple[str, ...]:
    """The words that a script says by `t(…)` or `mark(…)`, each once."""
    return tuple(dict.fromkeys(map(json.loads, _SAID.findall(script))))


def bundled(entry: Path) -> str:
    """The text of `entry` with all that it imports before it, each file once, in the order of need; names must differ."""
    parts: dict[Path, str] = {}
    _gather(entry.resolve(), parts)
    *inner, last = parts.values()
    return "\n".join([*(_EXPORT.sub("", part) for part in inner), last])


def _gather(path: Path, parts: dict[Path, str]) -> None:
    text = path.read_text("utf-8")
    for name in _IMPORT.findall(text):
        wanted = (path.parent / name).resolve()
        if wanted not in parts:
            _gather(wanted, parts)
    parts[path] = _IMPORT.sub("", text)
