"""The recording: facts and frames in order, kept by one thread and read by any."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.events import Changed, Embedded, Fact, Failed, Finished, Regions, Snapshot, Stepped
from tltutor.recording.files import read, write
from tltutor.recording.points import Points
from tltutor.recording.thinning import MOST_FRAMES, MOST_STEPS, evenly, thinned


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of the map: where the points were, and what the network said of them at that look."""

    step: int
    xy: np.ndarray
    predictions: np.ndarray
    numbers: dict[str, float]
    regions: Regions | None = None  # on the map of 2-D inputs


class Recording:
    """All that a run told: steps, changes, looks and places. Features are kept of the latest look only.

    One thread appends, any may read: what the properties return are copies. Of a long run at most 2000 frames and 20,000 steps
    are kept, evenly over the whole run; changes all stay.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: list[Fact] = []
        self._frames: list[Frame] = []
        self._points: Points | None = None
        self._counts: Counter[type] = Counter()
        self.latest: Snapshot | None = None

    def append(self, fact: Fact) -> None:
        """Keep a fact; an earlier look gives up its features."""
        with self._lock:
            if isinstance(fact, Snapshot):
                self.latest = fact
                fact = replace(fact, features=np.empty((len(fact.features), 0), np.float32))
            elif isinstance(fact, Embedded) and self.latest is not None:
                behind = self.latest.regions if fact.projection == "inputs" else None
                self._frames.append(Frame(fact.step, fact.xy, self.latest.predictions, dict(self.latest.numbers), behind))
            self._facts.append(fact)
            self._counts[type(fact)] += 1
            self._thin()

    def _thin(self) -> None:
        """Let go of some where there is too much, so that hours of training take no more room than minutes."""
        if len(self._frames) > MOST_FRAMES:
            self._keep(thinned(self._facts, Embedded, MOST_FRAMES))
            self._frames = [self._frames[i] for i in evenly([frame.step for frame in self._frames], MOST_FRAMES)]
        elif self._counts[Snapshot] > 2 * MOST_FRAMES:
            self._keep(thinned(self._facts, Snapshot, MOST_FRAMES))
        elif self._counts[Stepped] > MOST_STEPS:
            self._keep(thinned(self._facts, Stepped, MOST_STEPS))

    def _keep(self, facts: list[Fact]) -> None:
        self._facts, self._counts = facts, Counter(map(type, facts))

    def until(self, step: int) -> Recording:
        """A new recording of what happened up to this step, for a run that goes on from there."""
        early = Recording()
        for fact in self.facts:
            if fact.step <= step and not isinstance(fact, Failed | Finished):
                early.append(fact)
        early._points = self._points
        return early

    def describe(self, points: Points) -> None:
        """Say once what the points are and what is run; a second time, or with other rows than the looks have, is refused."""
        with self._lock:
            if self._points is not None:
                raise ValueError("a recording is described once, and this one is already: begin a new recording for other points")
            if self.latest is not None and len(self.latest.labels) != len(points):
                rows = f"{len(self.latest.labels)} rows, got {len(points)} points"
                raise ValueError(
                    f"points must have the rows of the looks, which have {rows}: describe the points that are looked at"
                )
            self._points = points

    @property
    def points(self) -> Points | None:
        """What the points are and what is run, if it was said."""
        return self._points

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
    def looks(self) -> tuple[Snapshot, ...]:
        return self._of(Snapshot)

    @property
    def placed(self) -> tuple[Embedded, ...]:
        return self._of(Embedded)

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
        """Write steps, changes, looks, places and points to an .npz file, also while more come; returns where it lies.

        What was told up to this call is written; a file that is there is replaced only when all went well.
        """
        path = _named(path)
        write(path, self.facts, self.points)
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Read what `save` wrote, of this version or an earlier one; `.npz` may be left out here too.

        A foreign, broken or oversized file is refused by a ValueError of one sentence, and nothing in it is run.
        """
        path = Path(path)
        facts, points = read(path if path.is_file() else _named(path))
        recording = cls()
        for fact in facts:
            recording.append(fact)
        if points is not None:
            recording.describe(points)
        return recording


def _named(path: str | os.PathLike[str]) -> Path:
    """The path with the suffix .npz, added where it is missing."""
    path = Path(path).expanduser()
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
