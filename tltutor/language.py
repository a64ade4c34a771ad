"""Words for people in their own language: the English in the code is the key, translations/LANGUAGE.toml holds the rest."""

from __future__ import annotations

import os
import threading
import tomllib
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
VARIABLE = "TLTUTOR_LANG"
_chosen: list[str] = []  # what `language(name)` set last
_followers: list[weakref.WeakMethod[Callable[[], None]]] = []  # who says things anew when it changes, in the order of coming
_coming = threading.Lock()


def language(name: str | None = None) -> str:
    """The language in use, "en" or "zh"; with a name, set it first, and all that is shown says itself anew.

    What was set counts before TLTUTOR_LANG, and that before the folder: a notebook that runs in a folder called zh speaks Chinese.
    """
    if name is not None:
        if name not in LANGUAGES:
            raise ValueError(f"a language must be one of {', '.join(LANGUAGES)}, got {name!r}")
        before = language()
        _chosen[:] = [name]
        if before != name:
            _tell()
    if _chosen:
        return _chosen[0]
    told = os.environ.get(VARIABLE, "").lower().replace("_", "-").split("-")[0]
    return next((found for found in (told, Path.cwd().name) if found in LANGUAGES), "en")


def follow(retell: Callable[[], None]) -> None:
    """Call this method whenever the language becomes another, on the thread that changes it; it is not kept alive for that."""
    with _coming:
        _followers[:] = [*(method for method in _followers if method()), weakref.WeakMethod(retell)]


def _tell() -> None:
    for method in tuple(_followers):
        if retell := method():
            retell()


def tr(text: str, /, **values: object) -> str:
    """`text` in the language in use, with each {name} replaced by its value; in English where there is no translation."""
    said = catalogue(language()).get(text, text)
    return said.format(**values) if values else said


def spoken(name: str) -> str:
    """A name of the code as people read it: freeze_depth is "freeze depth"."""
    return tr(name.replace("_", " "))


def mark(text: str) -> str:
    """`text` as it is: says that it is translated later, where it is shown."""
    return text


def dictionary(words: Iterable[str]) -> dict[str, str]:
    """These words with their translations, for a page that cannot call `tr`; nothing where English is in use."""
    known = catalogue(language())
    return {text: known[text] for text in words if text in known}


def pick(both: Mapping[str, str]) -> str:
    """The text of the language in use, of those that stand side by side; the English one where it is missing."""
    return both.get(language(), both["en"])


@cache
def catalogue(name: str) -> Mapping[str, str]:
    """English -> this language; empty for English itself."""
    path = Path(__file__).with_name("translations") / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
