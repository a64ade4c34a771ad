"""Export a recording: a page that replays it without a kernel, a picture of a frame, an animation. It trains nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tltutor.export.page import replay_html
from tltutor.export.picture import animation, picture
from tltutor.export.shown import nothing
from tltutor.recording import Recording

KINDS = {
    ".html": "a page that replays the run in a browser of 2023 or later, offline",
    ".gif": "an animation of the map",
    ".png": "a picture of one frame",
    ".svg": "a drawing of one frame",
}


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Return the path's suffix in lower case. Errors: ValueError if nothing can be exported to it."""
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        kinds = ", ".join(f"{suffix} ({text})" for suffix, text in KINDS.items())
        raise ValueError(f"the file's suffix must be one of {kinds}, got {str(path)!r}")
    return suffix


def export(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    frame: int = -1,
    on_progress: Callable[[int, int], None] = nothing,
) -> Path:
    """Write the recording in the format of the path's suffix; return the path.

    frame: index of a picture's frame, -1 for the last. on_progress(done, total) is called after each picture of an animation.
    An existing file is replaced when the new one is complete. Errors: ValueError for another suffix, a missing frame or a
    recording without frames; OSError.
    """
    suffix = check_suffix(path)
    if suffix == ".html":
        return replay_html(recording, path)
    if suffix == ".gif":
        return animation(recording, path, on_progress=on_progress)
    return picture(recording, path, frame=frame)


__all__ = ["KINDS", "animation", "check_suffix", "export", "picture", "replay_html"]
