"""What a recording shows: its frames, its points and its title, also for a recording without a description."""

from __future__ import annotations

from typing import Any

import numpy as np

from tltutor.events import Changed
from tltutor.language import spoken, tr
from tltutor.recording import Frame, Points, Recording


def nothing(done: int, total: int) -> None:
    """Ignore progress: the default of `on_progress`."""


def frames_of(recording: Recording) -> list[Frame]:
    """Return the frames whose positions are finite. Errors: ValueError if there is none."""
    frames = [frame for frame in recording.frames if np.isfinite(frame.xy).all()]
    if not frames:
        raise ValueError(
            f"a recording needs a frame of its map to be shown, got {recording.frame_count} frames and none that can be drawn:"
            " record a run with a map"
        )
    return frames


def points_of(recording: Recording) -> Points:
    """Return the points; of a recording without a description, those of its first snapshot."""
    if recording.points is not None:
        return recording.points
    first = recording.snapshots[0]
    return Points(first.labels, first.is_target)


def title_of(points: Points) -> str:
    """Return the title of the run: domains and objective."""
    pair, objective = points.about.get("pair"), points.about.get("objective")
    if pair is None:
        return "A run of tltutor"
    domains = str(pair).replace("->", " → ")
    return f"{domains} · {objective}" if objective else domains


def change_words(change: Changed) -> str:
    """Return a change as text: "weight 0.1 → 0.5"."""
    return f"{spoken(change.name)} {value_words(change.old)} → {value_words(change.new)}"


def value_words(value: Any) -> str:
    """Return a setting's value as text, rounded."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return f"{value:.4g}" if isinstance(value, int | float) else tr(str(value))
