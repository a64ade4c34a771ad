"""Record a run without a notebook: the session's facts, with a snapshot and its live map at regular steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tltutor.events import Embedded, Fact, Snapshot
from tltutor.files import check_place
from tltutor.projections import build_projection, part_of
from tltutor.recording import Points, Recording
from tltutor.training.session import Session

FRAMES = 200  # snapshots of a run, by default
MOVES = 3  # additional updates of a moving map for each snapshot
REST = 20  # additional updates after the last snapshot, until the map is at rest


class Recorder:
    """Record one session to `path` (.npz) with a map by this projection.

    every: steps between two snapshots; default: 200 snapshots over the run. rest: frames after the last snapshot, of a map
    that moves. about: added to the recording's description.
    Errors: ValueError for another suffix.
    """

    def __init__(
        self,
        path: str,
        projection: str = "tsne",
        every: int | None = None,
        *,
        rest: int = REST,
        **about: Any,
    ) -> None:
        self.path, self.projection, self.every, self.about = Path(path), projection, every, about
        self.rest = rest
        self.recording = Recording()
        if self.path.suffix != ".npz":
            raise ValueError(
                f"a recording must be an .npz file, got {path!r}: name it run.npz and export it afterward"
            )

    def check_writable(self) -> None:
        """Raise an OSError before the training if the recording cannot be written."""
        check_place(self.path, "recording")

    def watch(self, session: Session) -> Iterator[Fact]:
        """Train the session to its end and yield its facts; save the recording also when the run is stopped or fails."""
        layout = build_projection(self.projection, seed=session.seed, device=session.device)
        every = self.every or math.ceil(session.steps / FRAMES)
        few = part_of(layout, len(session.snapshot_points.labels))
        about = {**self.about, "laid_out": few} if few else self.about
        self.recording.describe(Points.of(session, projection=self.projection, **about))
        try:
            self._snapshot(session, layout, MOVES)
            for fact in session:
                self.recording.append(fact)
                yield fact
                if session.step_number - self._last_step >= every and not session.done:
                    self._snapshot(session, layout, MOVES)
            self._snapshot(session, layout, self.rest)
        finally:
            self.recording.save(self.path)

    def _snapshot(self, session: Session, layout: Any, moves: int) -> None:
        """Take a snapshot and move the layout to it, with more moves after; after the last step each move is a frame."""
        snapshot = session.snapshot()
        self._last_step = snapshot.step
        self.recording.append(snapshot)
        xy = layout(snapshot.features, labels=snapshot.labels, is_target=snapshot.is_target)
        for _ in range(moves if layout.moves else 0):
            if session.done:
                self._embed(snapshot, xy, layout)
            xy = layout()
        self._embed(snapshot, xy, layout)

    def _embed(self, snapshot: Snapshot, xy: Any, layout: Any) -> None:
        self.recording.append(Embedded(snapshot.step, xy, layout.name))
