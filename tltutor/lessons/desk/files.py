"""Read the progress files of a class, and change none of them: each learner's entries, and a sentence on each file that is broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tltutor.checks import readable
from tltutor.language import tr
from tltutor.lessons.progress import Entry, Kept, read_progress

PATTERN = "*.jsonl"
LARGEST = 50_000_000  # bytes; a term of answers has some thousands


@dataclass(frozen=True)
class Learner:
    """One learner by name, with the entries of all files in the order of their times."""

    name: str
    all: tuple[Entry, ...]

    def entries(self, lesson: str | None = None, task: str | None = None) -> tuple[Entry, ...]:
        """Return those of a lesson, or of one of its tasks."""
        return tuple(e for e in self.all if lesson in (None, e.lesson) and task in (None, e.task))


@dataclass(frozen=True)
class Group:
    """A class: its learners by name, and a sentence on each thing that a teacher should know of the files."""

    learners: tuple[Learner, ...]
    complaints: tuple[str, ...]


def read_class(places: Iterable[Path]) -> Group:
    """Read every progress file (*.jsonl) in these folders and below them, or these files.

    A learner is named by the first part of the path below the folder, ann/progress.jsonl or ann.jsonl; several files of one
    name are one learner's. Errors: FileNotFoundError for a place that is not there.
    """
    held: dict[str, list[Kept]] = {}
    complaints: list[str] = []
    for name, path in _files(places):
        try:
            found = _read(path)
        except (OSError, ValueError) as error:
            complaints.append(_broken(path, error))
            continue
        held.setdefault(name, []).append(found)
        if found.unreadable:
            text = tr(
                "{path}: {n} lines could not be read and were left out.",
                path=path,
                n=found.unreadable,
            )
            complaints.append(text)
    learners = tuple(_learner(name, kept) for name, kept in sorted(held.items()))
    return Group(learners, (*complaints, *_twins(held)))


def _files(places: Iterable[Path]) -> Iterable[tuple[str, Path]]:
    """Yield each file with its learner's name."""
    for place in places:
        if place.is_file():
            yield readable(place.stem), place
        elif place.is_dir():
            for path in sorted(path for path in place.rglob(PATTERN) if path.is_file()):
                first = path.relative_to(place).parts[0]
                yield readable(first.removesuffix(path.suffix)), path
        else:
            raise FileNotFoundError(
                f"there is no folder or file {place}: name the folder that holds the learners' progress files"
            )


def _read(path: Path) -> Kept:
    if path.stat().st_size > LARGEST:
        raise ValueError(tr("it has more than {most} MB", most=LARGEST // 1_000_000))
    return read_progress(path)


def _broken(path: Path, error: Exception) -> str:
    reason = tr("it is not UTF-8") if isinstance(error, UnicodeError) else error
    if isinstance(error, OSError):
        reason = error.strerror or error
    text = "{path} is no progress file and was left out ({reason}): ask the learner for it again."
    return tr(text, path=path, reason=reason)


def _learner(name: str, kept: Sequence[Kept]) -> Learner:
    entries = (entry for found in kept for entry in found.entries)
    return Learner(name, tuple(sorted(entries, key=lambda entry: entry.at)))


def _twins(held: dict[str, list[Kept]]) -> Iterable[str]:
    """Yield a sentence on each id that two learners' files have: one of them is a copy."""
    names: dict[str, set[str]] = {}
    for name, kept in held.items():
        for found in kept:
            if found.learner:
                names.setdefault(found.learner, set()).add(name)
    for own in names.values():
        if len(own) > 1:
            text = "The files of {names} have the same learner's id: one may be a copy of another."
            yield tr(text, names=", ".join(sorted(own)))
