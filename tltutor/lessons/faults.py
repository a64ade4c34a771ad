"""Find the mistakes that run: objectives (or maps) of the lessons with a switch between broken and right code."""

from __future__ import annotations

from typing import Any

from tltutor.lessons.folders import lesson_folders
from tltutor.settings import check_name


def all_faults() -> dict[str, type[Any]]:
    """Return every fault by id, from FAULTS of each lesson's faults.py; its methods `broken` and `right` run and are shown.

    Errors: ValueError if two lessons use one id.
    """
    found: dict[str, type[Any]] = {}
    for folder in lesson_folders().values():
        module = folder.python("faults")
        for name, fault in (module.FAULTS if module else {}).items():
            if name in found:
                raise ValueError(
                    f"{folder.name}/faults.py: each fault needs an id of its own, got {name!r} twice: rename one"
                )
            found[name] = fault
    return found


def find_fault(name: str) -> type[Any]:
    """Return the class of this fault. Errors: ValueError for an unknown one."""
    known = all_faults()
    return known[check_name(name, known, what="fault")]
