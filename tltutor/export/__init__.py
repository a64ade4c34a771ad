"""A recording for those who have no kernel: a page to replay, a picture of a frame, an animation. It trains nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tltutor.export.page import replay_html
from tltutor.export.picture import animation, picture
from tltutor.export.shown import nothing
from tltutor.recording import Recording

KINDS = {
    ".html": "a page that replays the run, in any browser, without a network",
    ".gif": "an animation of the map",
    ".png": "a picture of one frame",
    ".svg": "a drawing of one frame",
}


def check_suffix(path: str | os.PathLike[str]) -> str:
    """The path's suffix in lower case, if something can be exported to it."""
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        kinds = ", ".join(f"{suffix} ({text})" for suffix, text in KINDS.items())
        raise ValueError(f"the file's suffix says what to export, and must be one of {kinds}, got {str(path)!r}")
    return suffix


def export(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    frame: int = -1,
    on_progress: Callable[[int, int], None] = nothing,
) -> Path:
    """Write the recording as what the path's suffix says; `frame` is the one of a picture, -1 the last.

    on_progress(done, total) is told how far an animation is. A file that is there is replaced when the new one is whole.
    """
    suffix = check_suffix(path)
    if suffix == ".html":
        return replay_html(recording, path)
    if suffix == ".gif":
        return animation(recording, path, on_progress=on_progress)
    return picture(recording, path, frame=frame)


__all__ = ["KINDS", "animation", "check_suffix", "export", "picture", "replay_html"]
