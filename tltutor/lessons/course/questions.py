"""The twelve questions of the course's test, and the ten statements on usability, in every language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tltutor.language import LANGUAGES

HERE = Path(__file__).parent
LETTERS = "ABCD"
ORDER = 29  # of the options: the seed that spreads the right ones over the letters
Translations = Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """A question with its options in the order of their letters, and the letter of the right one."""

    id: str
    text: Translations
    options: tuple[Translations, ...]
    right: str


@cache
def questions() -> tuple[Item, ...]:
    """Return the questions, in the order of the lessons that answer them. Errors: ValueError for a mistake in test.toml."""
    table = tomllib.loads((HERE / "test.toml").read_text("utf-8"))["questions"]
    random = Random(ORDER)  # noqa: S311 - no secret
    return tuple(_item(name, about, random) for name, about in table.items())


def _item(name: str, about: Mapping[str, Any], random: Random) -> Item:
    options: Mapping[str, Translations] = about["options"]
    ids = random.sample(list(options), len(options))
    if about["right"] not in options or len(options) != len(LETTERS):
        raise ValueError(
            f"test.toml: a question must have {len(LETTERS)} options and name the right one, got "
            f"{len(options)} and {about['right']!r} in {name!r}: mend it"
        )
    texts = tuple(_both(options[key], f"{name}, {key}") for key in ids)
    return Item(name, _both(about, name), texts, LETTERS[ids.index(about["right"])])


@cache
def statements() -> tuple[Translations, ...]:
    """Return the statements: those with an odd number speak for tltutor, the others against it."""
    table = tomllib.loads((HERE / "usability.toml").read_text("utf-8"))["statements"]
    return tuple(_both(about, f"statement {n}") for n, about in enumerate(table, 1))


def _both(about: Mapping[str, Any], where: str) -> Translations:
    missing = [name for name in LANGUAGES if not about.get(name)]
    if missing:
        raise ValueError(
            f"{where}: a text must be there in {' and '.join(LANGUAGES)}, got none in {missing[0]}: add it"
        )
    return {name: str(about[name]) for name in LANGUAGES}
