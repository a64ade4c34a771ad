"""What of a recording can be shown: its frames, what its points are, and its title, also where nothing was said of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tltutor.events import Changed
from tltutor.language import spoken, tr
from tltutor.recording import Frame, Points, Recording


def nothing(done: int, total: int) -> None:
    """Progress that nobody wants to hear of."""


def frames_of(recording: Recording) -> list[Frame]:
    """The frames whose places are all numbers; an error if there is none."""
    frames = [frame for frame in recording.frames if np.isfinite(frame.xy).all()]
    if not frames:
        raise ValueError(
            f"a recording needs a frame of its map to be shown, got {recording.frame_count} frames and none that can be drawn:"
            " record a run with a map"
        )
    return frames


def points_of(recording: Recording) -> Points:
    """What the points are; of a recording with frames that does not say so, what its looks tell."""
    if recording.points is not None:
        return recording.points
    look = recording.looks[0]
    return Points(look.labels, look.is_target)


def title_of(points: Points) -> str:
    """What was run, in a few words."""
    pair, objective = points.about.get("pair"), points.about.get("objective")
    if pair is None:
        return "A run of tltutor"
    domains = str(pair).replace("->", " → ")
    return f"{domains} · {objective}" if objective else domains


def change_words(change: Changed) -> str:
    """A change as people read it: "weight 0.1 → 0.5"."""
    return f"{spoken(change.name)} {value_words(change.old)} → {value_words(change.new)}"


def value_words(value: Any) -> str:
    """A setting's value in few digits."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return f"{value:.4g}" if isinstance(value, int | float) else tr(str(value))
