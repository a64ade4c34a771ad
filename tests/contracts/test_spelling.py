"""Code and text are in American spelling; CHANGELOG.md may tell what was renamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from places import ROOT

FOLDERS = ("tltutor", "tests", "tutorials", "benchmarks")
KINDS = {".py", ".js", ".mjs", ".css", ".j2", ".toml", ".md", ".ipynb", ".txt"}
ISED = (
    "categor|character|emphas|equal|final|general|initial|linear|local|maxim|memor|minim|normal|"
    "optim|organ|parametr|penal|quant|random|real|recogn|regular|serial|special|standard|summar|"
    "synchron|token|util|vector|visual"
)
AMERICAN = {  # a British part of a word -> the American one
    r"(behavi|col|fav|flav|hon|lab|neighb)our": r"\1or",
    r"(cent|fib)red": r"\1ered",
    r"(cent|fib)re": r"\1er",
    r"centring": "centering",
    rf"({ISED})is(e|ing|ation|able)": r"\1iz\2",
    r"(anal|catal)ys(ed?$|ing)": r"\1yz\2",  # "analyses" is both: of "analyse" and of "analysis"
    r"(cancel|channel|initial|label|level|model|signal|total|travel)l(ed|er|ing)": r"\1\2",
    r"(after|down|in|out|to|up)wards": r"\1ward",  # but: forwards and backwards, of a network
    r"(defen|licen|offen)ce": r"\1se",
    r"(ana|cata)logue": r"\1log",
    r"practis(e|ing)": r"practic\1",
    "anticlockwise": "counterclockwise",
    "artefact": "artifact",
    "fulfil(s?)$": r"fulfill\1",
    "grey": "gray",
    "judgement": "judgment",
    "learnt": "learned",
    "programme(s?)$": r"program\1",
    "sceptic": "skeptic",
    "(among|whil)st": "among or while",
}
THEIRS = re.compile(
    r"_labelled\.txt|sentiment[ _+]labelled[ _+]sentences"  # files of a data set, as published
    r"|aria-labelledby"  # HTML
    r"|CancelledError|\.cancelled\(\)"  # concurrent.futures
    r"|grey_(erosion|dilation)"  # scipy.ndimage
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")  # also a word within camelCase or snake_case


def texts() -> Iterator[Path]:
    """Every text that a person writes, but this one; hidden folders hold copies."""
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        if path.suffix in KINDS and path != Path(__file__) and not hidden:
            yield path


@cache
def american(word: str) -> str:
    for british, theirs in AMERICAN.items():
        word = re.sub(british, theirs, word)
    return word


def test_the_spelling_is_american() -> None:
    british = [
        f"{path.relative_to(ROOT)}:{number}: {american(word)}, got {word}"
        for path in sorted(texts())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for word in map(str.lower, WORD.findall(THEIRS.sub("", line)))
        if american(word) != word
    ]
    assert not british, "write it the American way:\n" + "\n".join(british)
