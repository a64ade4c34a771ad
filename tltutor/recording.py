"""Keeps a stream of facts so that it can be scrubbed back, saved and loaded: plain data, no torch, no code."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.events import Changed, Fact, Looked, Placed, Stepped

FORMAT = "tltutor-recording"
VERSION = 1


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of the map: where the points were, and what the network said of them at that look."""

    step: int
    xy: np.ndarray
    predictions: np.ndarray
    numbers: dict[str, float]


class Recording:
    """All that a run told: steps, changes, looks and places. Features are kept of the latest look only.

    One thread appends, any may read: what the properties return are copies.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: list[Fact] = []
        self._frames: list[Frame] = []
        self.latest: Looked | None = None

    def append(self, fact: Fact) -> None:
        """Keep a fact; an earlier look gives up its features."""
        with self._lock:
            if isinstance(fact, Looked):
                self.latest = fact
                fact = replace(fact, features=np.empty((len(fact.features), 0), np.float32))
            elif isinstance(fact, Placed) and self.latest is not None:
                self._frames.append(Frame(fact.step, fact.xy, self.latest.predictions, dict(self.latest.numbers)))
            self._facts.append(fact)

    def _of(self, kind: type) -> tuple[Any, ...]:
        with self._lock:
            return tuple(fact for fact in self._facts if isinstance(fact, kind))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, in order."""
        return self._of(object)

    @property
    def stepped(self) -> tuple[Stepped, ...]:
        return self._of(Stepped)

    @property
    def changes(self) -> tuple[Changed, ...]:
        """The log of changes: give it to a new session as `plan` to have the same run again."""
        return self._of(Changed)

    @property
    def looks(self) -> tuple[Looked, ...]:
        return self._of(Looked)

    @property
    def placed(self) -> tuple[Placed, ...]:
        return self._of(Placed)

    @property
    def frames(self) -> Sequence[Frame]:
        """The map's frames in order, to be scrubbed through."""
        with self._lock:
            return tuple(self._frames)

    @property
    def frame_count(self) -> int:
        return len(self._frames)

    def frame(self, index: int) -> Frame:
        return self._frames[index]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write steps, changes, looks and places to an .npz file; a file that is there is replaced only when all went well."""
        path = Path(path)
        path = path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as file:
                np.savez_compressed(file, **_pack(self))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Read what `save` wrote; a foreign or broken file is refused in one sentence, and nothing in it is run."""
        try:
            with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as file:
                arrays = dict(file)
            head = json.loads(str(arrays["head"]))
        except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError, TypeError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"a recording must be an .npz file written by save, got {path}: {error}") from None
        if head.get("format") != FORMAT or head.get("version") != VERSION:
            found = f"{head.get('format')!r} version {head.get('version')!r}"
            raise ValueError(f"a recording must be {FORMAT!r} version {VERSION}, got {found} in {path}: record it anew")
        return _unpack(head, arrays)


def _pack(recording: Recording) -> dict[str, Any]:
    """Numbers and names as JSON, arrays as arrays: `order` says which kind of fact comes when."""
    kept = [f for f in recording.facts if isinstance(f, Stepped | Changed | Looked | Placed)]
    looks, placed = [f for f in kept if isinstance(f, Looked)], [f for f in kept if isinstance(f, Placed)]
    head = {
        "format": FORMAT,
        "version": VERSION,
        "facts": [_headline(fact) for fact in kept],
    }
    arrays: dict[str, Any] = {"head": np.array(json.dumps(head))}
    if looks:
        arrays |= {"labels": looks[0].labels, "is_target": looks[0].is_target}
        arrays["predictions"] = np.stack([f.predictions for f in looks])
    if placed:
        arrays["xy"] = np.stack([f.xy for f in placed])
    return arrays


def _headline(fact: Fact) -> list[Any]:
    """A fact without its arrays."""
    if isinstance(fact, Stepped):
        return ["Stepped", fact.step, dict(fact.losses), dict(fact.acting)]
    if isinstance(fact, Changed):
        return ["Changed", fact.step, fact.name, fact.old, fact.new]
    if isinstance(fact, Looked):
        return ["Looked", fact.step, dict(fact.numbers)]
    if isinstance(fact, Placed):
        return ["Placed", fact.step, fact.projection]
    raise TypeError(f"a recording keeps steps, changes, looks and places, got {type(fact).__name__}")


def _unpack(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> Recording:
    recording = Recording()
    predictions, xy = iter(arrays.get("predictions", ())), iter(arrays.get("xy", ()))
    for kind, step, *rest in head["facts"]:
        if kind == "Stepped":
            recording.append(Stepped(step, *rest))
        elif kind == "Changed":
            recording.append(Changed(step, *rest))
        elif kind == "Looked":
            guess = next(predictions)
            nothing = np.empty((len(guess), 0), np.float32)
            recording.append(Looked(step, nothing, arrays["labels"], guess, arrays["is_target"], rest[0]))
        else:
            recording.append(Placed(step, next(xy), rest[0]))
    return recording
