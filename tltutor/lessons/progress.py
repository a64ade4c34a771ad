"""A learner's progress: an append-only file with one line per answer; it knows no lesson and no widget.

Line 1 gives the file's version. A truncated line is skipped. An unreadable file is renamed, with a sentence in `note`;
no error in it stops a lesson.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import platformdirs

from tltutor.files import replacing
from tltutor.language import tr

VARIABLE = (
    "TLTUTOR_PROGRESS"  # the path of another file, e.g. one for each learner of a shared machine
)
VERSION = 1
HEAD = json.dumps({"tltutor progress": VERSION})
FIELDS = ("at", "lesson", "task", "did")
LEARNER = "learner"  # the key of the line with the learner's id, which is random and says nothing of the person


@dataclass(frozen=True)
class Entry:
    """What a learner did: when (UTC), in which lesson and task, and what (answered, scored, tried, hint, solution)."""

    at: str
    lesson: str
    task: str
    did: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The entry as a line of the file."""
        own = {name: getattr(self, name) for name in FIELDS}
        return json.dumps({**own, **self.facts}, ensure_ascii=False)


@dataclass(frozen=True)
class Kept:
    """What a file holds: the learner's id ("" if it names none), the entries, and how many lines could not be read."""

    learner: str
    entries: tuple[Entry, ...]
    unreadable: int


class Progress:
    """The learner's file, read once and appended to at each answer; several notebooks may append at the same time."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = Path(path) if path else default_path()
        self.note = ""
        self._lock = threading.Lock()
        self._learner = ""
        self._entries = list(self._read())

    def entries(self, lesson: str | None = None, task: str | None = None) -> tuple[Entry, ...]:
        """Return the entries in order: all, those of one lesson, or of one of its tasks."""
        return tuple(
            e for e in self._entries if lesson in (None, e.lesson) and task in (None, e.task)
        )

    @property
    def learner(self) -> str:
        """The learner's random id: made once, and kept in the file if possible."""
        with self._lock:
            if not self._learner:
                self._learner = uuid.uuid4().hex[:12]
                try:
                    self._append(json.dumps({LEARNER: self._learner}))
                except OSError as error:
                    self._unsaved(error)
            return self._learner

    def add(self, lesson: str, task: str, did: str, **facts: Any) -> Entry:
        """Add an entry, and append it to the file if possible."""
        entry = Entry(datetime.now(UTC).isoformat(timespec="seconds"), lesson, task, did, facts)
        with self._lock:
            self._entries.append(entry)
            try:
                self._append(entry.line)
            except OSError as error:
                self._unsaved(error)
        return entry

    def reset(self, lesson: str | None = None) -> int:
        """Delete the entries of one lesson or of all; return their number. Errors: OSError."""
        remaining = [] if lesson is None else [e for e in self._read() if e.lesson != lesson]
        gone = len(self._entries) - len(remaining)
        with self._lock:
            named = [json.dumps({LEARNER: self._learner})] if self._learner else []
            self._replace([HEAD, *named, *(e.line for e in remaining)])
            self._entries = remaining
        return gone

    def _read(self) -> Iterable[Entry]:
        try:
            found = read_progress(self.path)
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:  # no UTF-8 is a ValueError, too
            return self._set_aside(error)
        self._learner = found.learner
        return found.entries

    def _set_aside(self, error: Exception) -> Iterable[Entry]:
        """Rename the unreadable file, and start a new one."""
        names = (
            self.path.with_name(f"{self.path.stem}.unreadable{i}{self.path.suffix}")
            for i in count(1)
        )
        aside = next(name for name in names if not name.exists())
        try:
            self.path.rename(aside)
        except OSError:
            self._unsaved(error)
            return []
        text = "Your progress file could not be read ({error}). It was renamed to {name}, and a new one begins."
        self.note = tr(text, error=error, name=aside.name)
        return []

    def _append(self, line: str) -> None:
        """Append a line in one write, on a new line also after a truncated one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            start = f"{HEAD}\n" if size == 0 else "" if file.read(1) == b"\n" else "\n"
            file.write(f"{start}{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, lines: Iterable[str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path, "progress") as part:
            part.write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def _unsaved(self, error: Exception) -> None:
        self.note = tr(
            "Your progress cannot be saved in {path} ({error}). You can continue; nothing will be saved.",
            path=self.path,
            error=error,
        )


def read_progress(path: Path) -> Kept:
    """Return what a progress file holds, and change nothing.

    Errors: OSError; ValueError for a file that has another first line, or that is not UTF-8.
    """
    lines = path.read_text("utf-8").splitlines()
    if lines and lines[0] != HEAD:
        raise ValueError(
            tr("its first line is not the header of version {version}", version=VERSION)
        )
    learners = [_learner(line) for line in lines[1:]]
    entries = [_entry(line) for line in lines[1:]]
    unreadable = sum(not (a or b) for a, b in zip(learners, entries, strict=True))
    own = next(filter(None, learners), "")
    return Kept(own, tuple(filter(None, entries)), unreadable)


def default_path() -> Path:
    """Return the path of the progress file: TLTUTOR_PROGRESS, or a file in the user's data folder."""
    named = os.environ.get(VARIABLE)
    return (
        Path(named).expanduser()
        if named
        else platformdirs.user_data_path("tltutor", appauthor=False) / "progress.jsonl"
    )


def _entry(line: str) -> Entry | None:
    """Return the entry of a line; None for a truncated or foreign line."""
    try:
        facts = dict(json.loads(line))
        own = {name: str(facts.pop(name)) for name in FIELDS}
    except (ValueError, TypeError, KeyError):
        return None
    return Entry(**own, facts=facts)


def _learner(line: str) -> str:
    """Return the learner's id if the line holds it, else ""."""
    try:
        facts = json.loads(line)
    except ValueError:
        return ""
    return str(facts.get(LEARNER, "")) if isinstance(facts, dict) else ""
