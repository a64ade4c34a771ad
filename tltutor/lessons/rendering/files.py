"""The files that the lesson folders render to, by kind; which of them are stale in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from tltutor.files import replacing
from tltutor.language import LANGUAGES
from tltutor.lessons.rendering.assignment import assignment
from tltutor.lessons.rendering.deck import deck
from tltutor.lessons.rendering.examples import MARKS, example_files, with_examples
from tltutor.lessons.rendering.notebooks import NotebookCell, as_text, homework, notebook, slides
from tltutor.lessons.rendering.papers import answer_key, figures_table, with_list
from tltutor.lessons.wording import Script
from tltutor.settings import check_name

LIST = "README.md"  # holds the table of all lessons, where the folder has one
Render = Callable[[Script, str], str]


def _as_notebook(
    make: Callable[[Script, str], list[NotebookCell]], words: Script, language: str
) -> str:
    cells = make(words, language)
    return as_text(cells) if cells else ""


KINDS: Mapping[
    str, tuple[str, Render]
] = {  # kind -> what follows the lesson's name, and the file's text
    "notebooks": (".ipynb", partial(_as_notebook, notebook)),
    "slides": (".slides.html", deck),
    "live-slides": (".slides.ipynb", partial(_as_notebook, slides)),
    "homework": (".homework.ipynb", partial(_as_notebook, homework)),
    "nbgrader": (".nbgrader.ipynb", partial(_as_notebook, assignment)),
    "key": (".key.md", answer_key),
    "figures": (".figures.md", figures_table),
}


def rendered(kind: str, scripts: Iterable[Script]) -> dict[str, str]:
    """Return the text of each file of this kind by its path, other languages in folders of their own; none for an empty one.

    Errors: ValueError for an unknown kind, or a mistake in a lesson.
    """
    ending, render = KINDS[check_name(kind, KINDS, what="kind of file")]
    scripts = tuple(scripts)
    found = {
        f"{'' if language == 'en' else f'{language}/'}{words.folder.name}{ending}": render(
            words, language
        )
        for language in LANGUAGES
        for words in scripts
    }
    return {name: text for name, text in found.items() if text}


def files_of(
    kind: str, scripts: Iterable[Script], all_scripts: Iterable[Script], out: Path
) -> dict[Path, str]:
    """Return what belongs in the folder `out`: the files of these lessons.

    Where `out` holds the list of all lessons, notebooks come with it, and with the worked examples if it lists them.
    """
    found = {out / name: text for name, text in rendered(kind, scripts).items()}
    listing = out / LIST
    if kind == "notebooks" and listing.is_file():
        text = with_list(listing.read_text("utf-8"), tuple(all_scripts))
        found[listing] = with_examples(text)
        found |= example_files(out) if MARKS[0] in text else {}
    return found


def stale(files: Mapping[Path, str]) -> list[Path]:
    """Return the files that are missing or hold another text."""
    return [
        path
        for path, text in files.items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]


def left_over(kind: str, scripts: Iterable[Script], out: Path) -> list[Path]:
    """Return the files of this kind in the folder `out` that no lesson renders any more."""
    ending, _ = KINDS[kind]
    names = {f"{words.folder.name}{ending}" for words in scripts}
    pattern = re.compile(rf"\d\d_[a-z0-9_]+{re.escape(ending)}")
    places = (out, *(out / language for language in LANGUAGES))
    return [
        path
        for place in places
        for path in sorted(place.glob(f"*{ending}"))
        if pattern.fullmatch(path.name) and path.name not in names
    ]


def write(files: Mapping[Path, str]) -> list[Path]:
    """Write the stale files, each as a whole or not at all, and return them."""
    changed = stale(files)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, "lesson") as part:
            part.write_text(files[path], "utf-8")
    return changed
