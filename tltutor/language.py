"""Words for people in their own language: the English in the code is the key, translations/LANGUAGE.toml holds the rest."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
VARIABLE = "TLTUTOR_LANG"
_chosen: list[str] = []  # what `language(name)` set last


def language(name: str | None = None) -> str:
    """The language in use, "en" or "zh"; with a name, set it first.

    What was set counts before TLTUTOR_LANG, and that before the folder: a notebook that runs in a folder called zh speaks Chinese.
    """
    if name is not None:
        if name not in LANGUAGES:
            raise ValueError(f"a language must be one of {', '.join(LANGUAGES)}, got {name!r}")
        _chosen[:] = [name]
    if _chosen:
        return _chosen[0]
    told = os.environ.get(VARIABLE, "").lower().replace("_", "-").split("-")[0]
    return next((found for found in (told, Path.cwd().name) if found in LANGUAGES), "en")


def tr(text: str, /, **values: object) -> str:
    """`text` in the language in use, with each {name} replaced by its value; in English where there is no translation."""
    said = catalogue(language()).get(text, text)
    return said.format(**values) if values else said


def mark(text: str) -> str:
    """`text` as it is: says that it is translated later, where it is shown."""
    return text


def pick(both: Mapping[str, str]) -> str:
    """The text of the language in use, of those that stand side by side; the English one where it is missing."""
    return both.get(language(), both["en"])


@cache
def catalogue(name: str) -> Mapping[str, str]:
    """English -> this language; empty for English itself."""
    path = Path(__file__).with_name("translations") / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
