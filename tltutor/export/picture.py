"""Draw a frame as .png or .svg, and the run as .gif."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.export.drawing import Drawing, alternative, box_of, caption_of, quiet_fonts
from tltutor.export.palette import INK, QUIET, RULE, UNKNOWN, Indexed
from tltutor.export.shown import frames_of, nothing, points_of, title_of
from tltutor.files import replacing
from tltutor.recording import Frame, Recording

DPI = {"picture": 160, "animation": 80}
HOLD = 2.0  # seconds for which an animation shows its last picture


def picture(recording: Recording, path: str | os.PathLike[str], frame: int = -1) -> Path:
    """Draw one frame (-1: the last) to a .png or .svg file; return its path. The metadata describe the picture.

    Errors: ValueError for another suffix or a frame that does not exist; OSError.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise ValueError(
            f"a picture must be a .png or .svg file, got {str(path)!r}: an animation is a .gif, a page to replay an .html"
        )
    frames, points = frames_of(recording), points_of(recording)
    if not -len(frames) <= frame < len(frames):
        raise ValueError(
            f"frame must be between {-len(frames)} and {len(frames) - 1}, got {frame}: -1 is the last"
        )
    shown, title = frames[frame], title_of(points)
    drawing = Drawing(points, title, box_of([shown]))
    drawing.show(shown.xy, caption_of(shown))
    about = {
        "Title": f"{title}, {caption_of(shown)}",
        "Description": alternative(points, shown, title),
    }
    with replacing(path, "picture") as part:
        _save(drawing, part, kind, about)
    return path


def _save(drawing: Drawing, path: Path, kind: str, about: dict[str, Any]) -> None:
    from matplotlib import rc_context

    about |= {"Software": "tltutor"} if kind == "png" else {"Creator": "tltutor", "Date": None}
    with quiet_fonts(), rc_context({"svg.fonttype": "none", "svg.hashsalt": "tltutor"}):
        drawing.figure.savefig(path, format=kind, dpi=DPI["picture"], metadata=about)


def animation(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    seconds: float = 10.0,
    fps: float = 12.0,
    on_progress: Callable[[int, int], None] = nothing,
) -> Path:
    """Draw the run to a .gif file that plays for `seconds`, pauses on its last picture and repeats; return its path.

    The view contains the points of all frames and does not move; between frames, positions are interpolated linearly.
    on_progress(done, total) is called after each picture. fps: 1 to 50 pictures per second, the limit of the format.
    Errors: ValueError for another suffix, `seconds` or `fps`; OSError.
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ValueError(
            f"an animation must be a .gif file, got {str(path)!r}: a picture is a .png or .svg, a page to replay an .html"
        )
    if not (0 < seconds <= 120 and 1 <= fps <= 50):
        raise ValueError(
            f"seconds must be above 0 and at most 120, and fps 1 to 50, got {seconds:g} and {fps:g}: 10 and 12 are usual"
        )
    frames = frames_of(recording)
    total = 1 if len(frames) == 1 else max(2, round(seconds * fps))
    pictures = _pictures(recording, frames, total)
    with replacing(path, "animation") as part:
        _save_gif(part, _counted(pictures, total, on_progress), total, 1000 / fps)
    return path


def between(frames: list[Frame], total: int) -> Iterator[tuple[np.ndarray, Frame]]:
    """Yield `total` moments from the first frame to the last: the interpolated positions (n, 2) and the frame before them."""
    for at in np.linspace(0, len(frames) - 1, total):
        i, part = int(at), at - int(at)
        after = frames[min(i + 1, len(frames) - 1)].xy
        yield frames[i].xy + part * (after - frames[i].xy), frames[i]


def _pictures(recording: Recording, frames: list[Frame], total: int) -> Iterator[Any]:
    """Yield each moment as a PIL image."""
    from PIL import Image

    points = points_of(recording)
    drawing = Drawing(points, title_of(points), box_of(frames))
    indexed = Indexed([INK, QUIET, RULE, UNKNOWN, *drawing.colors])
    for xy, frame in between(frames, total):
        drawing.show(xy, caption_of(frame))
        image = Image.fromarray(indexed(drawing.pixels(DPI["animation"])))
        image.putpalette(indexed.table.tobytes())
        yield image


def _counted(
    pictures: Iterator[Any], total: int, on_progress: Callable[[int, int], None]
) -> Iterator[Any]:
    for done, image in enumerate(pictures, 1):
        yield image
        on_progress(done, total)


def _save_gif(path: Path, pictures: Iterator[Any], total: int, milliseconds: float) -> None:
    first = next(pictures)
    durations = [milliseconds] * (total - 1) + [milliseconds + 1000 * HOLD]
    options: dict[str, Any] = {
        "comment": b"tltutor: a run's map of features, frame by frame",
        "optimize": False,
    }
    first.save(path, save_all=True, append_images=pictures, duration=durations, loop=0, **options)
