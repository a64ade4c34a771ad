"""Copy the lessons, in every language, to the learner's folder; never overwrite what a learner changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Literal

from tltutor.language import LANGUAGES, language
from tltutor.settings import check_name

EXAMPLES = "examples"
GIVEN = ".tltutor-lessons.json"  # in the learner's folder: SHA-256 of each copy when it was made


@dataclass(frozen=True)
class LessonCopy:
    """The learner's copy of one lesson, and what happened: copied, updated, saved beside the learner's work, or unchanged."""

    path: Path
    what: Literal["copied", "updated", "beside", "unchanged"]


def originals() -> tuple[Path, ...]:
    """Return the shipped lessons, of the wheel or of a checkout; other languages are in subfolders."""
    package = Path(str(resources.files("tltutor")))
    for folder in (package / "tutorials", package.parent / "tutorials"):
        if found := _notebooks(folder):
            return found
    raise FileNotFoundError(
        f"the lessons must be in {package / 'tutorials'}, found none: install tltutor again"
    )


def examples() -> tuple[Path, ...]:
    """Return the shipped worked examples, which lie in a folder beside the lessons."""
    return _notebooks(originals()[0].parent / EXAMPLES)


def _notebooks(folder: Path) -> tuple[Path, ...]:
    """Return the notebooks of every language; of other folders none, since Jupyter keeps copies in hidden ones."""
    places = (folder, *(folder / name for name in LANGUAGES))
    return tuple(sorted(path for place in places for path in place.glob("*.ipynb")))


def own_name(lesson: Path) -> str:
    """Return the name of the learner's copy, with the folders of the examples and of its language."""
    spoken = _language(lesson)
    home = lesson.parent if spoken == "en" else lesson.parent.parent
    folders = ([EXAMPLES] if home.name == EXAMPLES else []) + ([spoken] if spoken != "en" else [])
    return "/".join([*folders, lesson.name])


def _language(lesson: Path) -> str:
    return lesson.parent.name if lesson.parent.name in LANGUAGES else "en"


def find_lesson(name: str, lessons: Iterable[Path]) -> Path:
    """Return the lesson `name` in the current language: its number (1, 01), its file's name, or the start of it."""
    known = {path.stem: path for path in lessons if _language(path) == language()}
    number = f"{int(name):02d}" if name.isdecimal() else name.removesuffix(".ipynb")
    starts = [stem for stem in known if stem.startswith(number)]
    return known[starts[0] if len(starts) == 1 else check_name(number, known, what="lesson")]


def hand_out(lessons: Iterable[Path], folder: Path) -> tuple[LessonCopy, ...]:
    """Give the folder every lesson. A newer original replaces an untouched copy only; beside a changed one it gets its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    given = _read_given(folder / GIVEN)
    handed = tuple(
        _hand(lesson, folder / own_name(lesson), given.get(own_name(lesson))) for lesson in lessons
    )
    (folder / GIVEN).write_text(
        json.dumps(
            {own_name(lesson): _sha256(lesson.read_bytes()) for lesson in lessons}, indent=1
        ),
        "utf-8",
    )
    return handed


def _hand(lesson: Path, theirs: Path, given: str | None) -> LessonCopy:
    theirs.parent.mkdir(parents=True, exist_ok=True)
    if not theirs.exists():
        return _copy(lesson, theirs, "copied")
    now, new = _sha256(theirs.read_bytes()), _sha256(lesson.read_bytes())
    if new in (now, given):
        return LessonCopy(theirs, "unchanged")
    if now == given:
        return _copy(lesson, theirs, "updated")
    return _beside(lesson, theirs, new)


def _beside(lesson: Path, theirs: Path, new: str) -> LessonCopy:
    """Save the newer original under the first free name: 01.new.ipynb, 01.new2.ipynb …"""
    names = (theirs.with_name(f"{theirs.stem}.new{i if i > 1 else ''}.ipynb") for i in count(1))
    place = next(p for p in names if not p.exists() or _sha256(p.read_bytes()) == new)
    return LessonCopy(place, "unchanged") if place.exists() else _copy(lesson, place, "beside")


def _copy(lesson: Path, place: Path, what: Literal["copied", "updated", "beside"]) -> LessonCopy:
    place.write_bytes(lesson.read_bytes())
    return LessonCopy(place, what)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_given(path: Path) -> dict[str, str]:
    """Return the hashes of earlier copies; if the file is lost or damaged, every copy counts as the learner's work."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
