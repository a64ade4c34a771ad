"""The recording: facts and frames in order, written by one thread and read by any."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.events import (
    Changed,
    Embedded,
    Fact,
    Failed,
    Finished,
    Flow,
    Regions,
    Snapshot,
    Stepped,
)
from tltutor.recording.files import read, write
from tltutor.recording.points import Points
from tltutor.recording.thinning import MOST_FRAMES, MOST_STEPS, evenly, thinned

DRAG = 10  # steps between two changes of one drag


def moves(changes: Iterable[Changed]) -> tuple[Changed, ...]:
    """Join the changes of each drag into one, where it did not end at the value it began with; see `Recording.moves`."""
    found: dict[int, Changed] = {}  # in the order in which they began
    latest: dict[str, tuple[int, int]] = {}  # by setting: which move, and its last step
    for change in changes:
        at, last = latest.get(change.name, (-1, 0))
        if at >= 0 and change.step - last <= DRAG:
            first = found[at]
            found[at] = Changed(first.step, first.name, first.old, change.new)
        else:
            at = len(found)
            found[at] = change
        latest[change.name] = (at, change.step)
    return tuple(move for move in found.values() if move.old != move.new)


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of the map: positions xy (n, 2), and predictions (n,), numbers, flow, weights and plan of the snapshot that it shows.

    The frames of one snapshot share its arrays.
    """

    step: int
    xy: np.ndarray
    predictions: np.ndarray
    numbers: dict[str, float]
    regions: Regions | None = None  # decision regions, on the map of 2-D inputs
    flow: Flow | None = None  # without its fields; if it was measured
    weights: np.ndarray | None = None  # (n,), of the source's points where they do not count alike
    plan: np.ndarray | None = None  # (k, 3), of a transport plan between the points


class Recording:
    """All facts of a run: steps, changes, snapshots and embeddings. Only the latest snapshot keeps its features and all its flow.

    One thread appends, any thread may read: the properties return copies. A long run is thinned evenly to at most 2000 frames
    and 20,000 steps; all changes stay.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: list[Fact] = []
        self._frames: list[Frame] = []
        self._points: Points | None = None
        self._counts: Counter[type] = Counter()
        self.latest: Snapshot | None = None
        self._flow: Flow | None = None  # of the latest snapshot, for all its frames

    def append(self, fact: Fact) -> None:
        """Add a fact, and drop the features of the snapshot before it, and what its flow has for each point."""
        with self._lock:
            if isinstance(fact, Snapshot):
                self.latest = fact
                self._flow = None if fact.flow is None else fact.flow.without_fields()
                nothing = np.empty((len(fact.features), 0), np.float32)
                fact = replace(
                    fact, features=nothing, flow=_few_numbers(fact.flow), weights=None, plan=None
                )
            elif isinstance(fact, Embedded) and self.latest is not None:
                behind = self.latest.regions if fact.projection == "inputs" else None
                self._frames.append(
                    Frame(
                        fact.step,
                        fact.xy,
                        self.latest.predictions,
                        dict(self.latest.numbers),
                        behind,
                        self._flow,
                        self.latest.weights,
                        self.latest.plan,
                    )
                )
            self._facts.append(fact)
            self._counts[type(fact)] += 1
            self._thin()

    def _thin(self) -> None:
        """Drop facts of a long run evenly, so that its memory is bounded."""
        if len(self._frames) > MOST_FRAMES:
            self._keep(thinned(self._facts, Embedded, MOST_FRAMES))
            self._frames = [
                self._frames[i] for i in evenly([frame.step for frame in self._frames], MOST_FRAMES)
            ]
        elif self._counts[Snapshot] > 2 * MOST_FRAMES:
            self._keep(thinned(self._facts, Snapshot, MOST_FRAMES))
        elif self._counts[Stepped] > MOST_STEPS:
            self._keep(thinned(self._facts, Stepped, MOST_STEPS))

    def _keep(self, facts: list[Fact]) -> None:
        self._facts, self._counts = facts, Counter(map(type, facts))

    def until(self, step: int) -> Recording:
        """Return a new recording of the facts up to this step, for a run that continues from there."""
        early = Recording()
        for fact in self.facts:
            if fact.step <= step and not isinstance(fact, Failed | Finished):
                early.append(fact)
        early._points = self._points
        return early

    def describe(self, points: Points) -> None:
        """Set what the points are and what is run. Errors: ValueError on a second call, or for other rows than the snapshots'."""
        with self._lock:
            if self._points is not None:
                raise ValueError(
                    "a recording is described once, and this one is already: start a new recording for other points"
                )
            if self.latest is not None and len(self.latest.labels) != len(points):
                rows = f"{len(self.latest.labels)} rows, got {len(points)} points"
                raise ValueError(
                    f"points must have the rows of the snapshots, which have {rows}: describe the points of the snapshots"
                )
            self._points = points

    @property
    def points(self) -> Points | None:
        """What the points are and what is run, or None."""
        return self._points

    def _of(self, kind: type) -> tuple[Any, ...]:
        with self._lock:
            return tuple(fact for fact in self._facts if isinstance(fact, kind))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, in order."""
        return self._of(object)

    @property
    def stepped(self) -> tuple[Stepped, ...]:
        return self._of(Stepped)

    @property
    def changes(self) -> tuple[Changed, ...]:
        """The log of changes; pass it to a new session as `changes` to repeat the run."""
        return self._of(Changed)

    @property
    def moves(self) -> tuple[Changed, ...]:
        """The changes as people made them: a slider that was dragged is one move, from where it began to where it ended.

        A change goes on with the one before of the same setting if at most DRAG steps lie between. For what is shown;
        `changes` repeats the run.
        """
        return moves(self.changes)

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        return self._of(Snapshot)

    @property
    def embedded(self) -> tuple[Embedded, ...]:
        return self._of(Embedded)

    @property
    def frames(self) -> Sequence[Frame]:
        """The map's frames, in order."""
        with self._lock:
            return tuple(self._frames)

    @property
    def frame_count(self) -> int:
        return len(self._frames)

    def frame(self, index: int) -> Frame:
        return self._frames[index]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all facts up to now and the points to an .npz file; return its path. More facts may arrive meanwhile.

        An existing file is replaced only when the new one is complete. Errors: OSError.
        """
        path = _named(path)
        write(path, self.facts, self.points)
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Read a file that `save` wrote, in this version or an earlier one; the suffix `.npz` may be omitted.

        No code in the file is run. Errors: ValueError in one sentence for a foreign, damaged or oversized file; OSError.
        """
        path = Path(path)
        facts, points = read(path if path.is_file() else _named(path))
        recording = cls()
        for fact in facts:
            recording.append(fact)
        if points is not None:
            recording.describe(points)
        return recording


def _few_numbers(flow: Flow | None) -> Flow | None:
    return None if flow is None else flow.without_points()


def _named(path: str | os.PathLike[str]) -> Path:
    """Return the path with the suffix .npz, added if it is missing."""
    path = Path(path).expanduser()
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
