"""Records a run without a notebook: the session's facts, and every so many steps a look and its place on a live map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tltutor.events import Embedded, Fact, Snapshot
from tltutor.files import check_place
from tltutor.projections import build_projection
from tltutor.recording import Points, Recording
from tltutor.training.session import Session

FRAMES = 200  # of a run, unless told otherwise
MOVES = 3  # that a map which moves makes between two looks, beside the one with the new features
REST = 20  # moves to come to rest when the run is over


class Recorder:
    """Records one session to `path` (.npz), with a map by the projection of this name; `about` is told beside what the session knows."""

    def __init__(self, path: str, projection: str = "tsne", every: int | None = None, **about: Any) -> None:
        self.path, self.projection, self.every, self.about = Path(path), projection, every, about
        self.recording = Recording()
        if self.path.suffix != ".npz":
            raise ValueError(f"a recording must be an .npz file, got {path!r}: name it run.npz, and export it afterwards")

    def check_writable(self) -> None:
        """Find out before the training, not after it, that the recording has nowhere to go."""
        check_place(self.path, "recording")

    def watch(self, session: Session) -> Iterator[Fact]:
        """Train the session to its end and tell its facts; what was recorded is saved also when the run is stopped or fails."""
        layout = build_projection(self.projection, seed=session.seed, device=session.device)
        every = self.every or math.ceil(session.steps / FRAMES)
        self.recording.describe(Points.of(session, projection=self.projection, **self.about))
        try:
            self._look(session, layout, MOVES)
            for fact in session:
                self.recording.append(fact)
                yield fact
                if session.step_number - self._looked >= every and not session.done:
                    self._look(session, layout, MOVES)
            self._look(session, layout, REST)
        finally:
            self.recording.save(self.path)

    def _look(self, session: Session, layout: Any, moves: int) -> None:
        """A look, the layout's move towards it, and some moves more; each of them is a frame when the run is over."""
        looked = session.snapshot()
        self._looked = looked.step
        self.recording.append(looked)
        xy = layout(looked.features, labels=looked.labels, is_target=looked.is_target)
        for _ in range(moves if layout.moves else 0):
            if session.done:
                self._place(looked, xy, layout)
            xy = layout()
        self._place(looked, xy, layout)

    def _place(self, looked: Snapshot, xy: Any, layout: Any) -> None:
        self.recording.append(Embedded(looked.step, xy, layout.name))
