"""Find the lessons: each is a folder NN_name with all that belongs to it; this file knows no text and no widget."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from types import ModuleType

from tltutor.settings import check_name

VARIABLE = "TLTUTOR_LESSONS"  # another folder of lessons, e.g. a teacher's own
HOME = Path(__file__).with_name("scripts")
NAME = re.compile(r"\d\d_[a-z0-9_]+")


@dataclass(frozen=True)
class LessonFolder:
    """The folder of one lesson."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the folder and of the notebook, e.g. 10_mmd."""
        return self.path.name

    @property
    def number(self) -> str:
        """The first two digits of the name."""
        return self.name[:2]

    def python(self, stem: str) -> ModuleType | None:
        """Import a Python file of the folder, once; None if there is no such file."""
        path, name = self.path / f"{stem}.py", f"{__package__}.scripts.{self.name}.{stem}"
        found = sys.modules.get(name)
        if found is not None and found.__file__ == str(path):
            return found
        spec = util.spec_from_file_location(name, path) if path.is_file() else None
        if spec is None or spec.loader is None:
            return None
        module = sys.modules[name] = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def lesson_folders() -> dict[str, LessonFolder]:
    """Return all lessons by number, in order. Errors: ValueError if two folders have one number."""
    named = os.environ.get(VARIABLE)
    places = (HOME, *([Path(named).expanduser().resolve()] if named else []))
    paths = [path for place in places for path in place.iterdir() if NAME.fullmatch(path.name)]
    found: dict[str, LessonFolder] = {}
    for folder in sorted(map(LessonFolder, paths), key=lambda folder: folder.name):
        other = found.setdefault(folder.number, folder)
        if other != folder:
            raise ValueError(
                f"each lesson needs its own number, got {other.name} and {folder.name}: rename one folder"
            )
    return found


def lesson_numbers() -> tuple[str, ...]:
    """Return the numbers of all lessons, in order."""
    return tuple(lesson_folders())


def find_folder(number: str) -> LessonFolder:
    """Return the folder of this lesson. Errors: ValueError for an unknown number."""
    folders = lesson_folders()
    return folders[check_name(number, folders, what="lesson")]
