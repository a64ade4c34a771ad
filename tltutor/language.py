"""Translate text for people: the English in the code is the key, translations/LANGUAGE.toml has the translations."""

from __future__ import annotations

import os
import threading
import tomllib
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
VARIABLE = "TLTUTOR_LANG"
_chosen: list[str] = []  # what `language(name)` set last
_spoken: list[str] = []  # what `speak(name)` said last
_written: ContextVar[str] = ContextVar("written", default="")  # inside `writing`
_followers: list[
    weakref.WeakMethod[Callable[[], None]]
] = []  # methods to call when the language changes, in the order of registration
_registering = threading.Lock()


def language(name: str | None = None) -> str:
    """Return the current language, "en" or "zh"; with a name, set it first and update everything that is shown.

    A language that was set takes precedence over TLTUTOR_LANG, and that over the one that the notebook is written in (`speak`).
    Errors: ValueError for an unknown language.
    """
    if name is not None:
        _set(_chosen, name)
    if _written.get():
        return _written.get()
    named = os.environ.get(VARIABLE, "").lower().replace("_", "-").split("-")[0]
    found = (*_chosen, *([named] if named in LANGUAGES else []), *_spoken, "en")
    return found[0]


def speak(name: str) -> None:
    """Say which language this notebook is written in. Errors: ValueError for an unknown language."""
    _set(_spoken, name)


def _set(place: list[str], name: str) -> None:
    """Put the name into this place, and update everything that is shown if the language is another now."""
    if name not in LANGUAGES:
        raise ValueError(f"a language must be one of {', '.join(LANGUAGES)}, got {name!r}")
    before = language()
    place[:] = [name]
    if language() != before:
        _notify()


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Use this language inside the block, for text that is stored in it; what is shown and other threads keep theirs."""
    before = _written.set(name)
    try:
        yield
    finally:
        _written.reset(before)


def follow(retell: Callable[[], None]) -> None:
    """Call this method after each change of language, on the thread that changes it; only a weak reference is kept."""
    with _registering:
        _followers[:] = [*(method for method in _followers if method()), weakref.WeakMethod(retell)]


def _notify() -> None:
    for method in tuple(_followers):
        if retell := method():
            retell()


def tr(text: str, /, **values: object) -> str:
    """Translate `text` into the current language and replace each {name} by its value; English if there is no translation."""
    translated = catalog(language()).get(text, text)
    return translated.format(**values) if values else translated


def spoken(name: str) -> str:
    """Translate a name of the code: freeze_depth is "freeze depth"."""
    return tr(name.replace("_", " "))


def mark(text: str) -> str:
    """Return `text` unchanged; it is translated later, where it is shown."""
    return text


def dictionary(words: Iterable[str]) -> dict[str, str]:
    """Return these words with their translations, for a page that cannot call `tr`; empty for English."""
    known = catalog(language())
    return {text: known[text] for text in words if text in known}


def pick(translations: Mapping[str, str]) -> str:
    """Return the text in the current language, or in English if it is missing."""
    return translations.get(language(), translations["en"])


@cache
def catalog(name: str) -> Mapping[str, str]:
    """Return the translations from English to this language; empty for English."""
    path = Path(__file__).with_name("translations") / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
