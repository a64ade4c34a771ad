"""Pack a recording as plain JSON for the replay page: arrays in base64, numbers rounded."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tltutor.export.shown import change_words, frames_of, points_of, title_of
from tltutor.recording import Frame, Points, Recording
from tltutor.views.sprites import sheet
from tltutor.views.thinning import Thinned

LEVELS = 65535  # steps of a coordinate between a frame's minimum and maximum: 1/16 pixel on a screen of 4000


def packed(recording: Recording, title: str | None = None, most: int = 600) -> dict[str, Any]:
    """Return everything the page shows; of more than `most` frames, every second, third … and the last."""
    frames, points = frames_of(recording), points_of(recording)
    every = math.ceil(len(frames) / most)
    chosen = [*frames[:-1:every], frames[-1]]
    return {
        "title": title or title_of(points),
        "about": dict(points.about),
        "points": packed_points(points),
        "frames": packed_frames(chosen),
        "every": every,
        "series": packed_series(recording),
        "changes": [[change.step, change_words(change)] for change in recording.moves],
    }


def text64(array: np.ndarray | bytes, dtype: str = "u1") -> str:
    """Return an array's bytes as base64, little-endian."""
    return b64encode(
        array if isinstance(array, bytes) else np.asarray(array).astype(dtype).tobytes()
    ).decode()


def packed_points(points: Points) -> dict[str, Any]:
    """Return the points as the map's setPoints takes them, after decoding base64."""
    points_data: dict[str, Any] = {
        "n": len(points),
        "classes": list(points.class_names),
        "domains": list(points.domain_names),
        "labels": text64(points.labels, "<i2"),
        "isTarget": text64(points.is_target),
    }
    if points.texts:
        return points_data | {"texts": list(points.texts)}
    if points.images is None:
        return points_data
    if points.images.ndim == 2:
        return points_data | {
            "width": points.images.shape[1],
            "vectors": text64(points.images, "<f4"),
        }
    png, columns, width, height = sheet(points.images)
    return points_data | {"tile": [columns, width, height], "sprites": text64(png)}


def packed_frames(frames: Sequence[Frame]) -> dict[str, Any]:
    """Return steps, numbers, predictions, and coordinates as uint16 within each frame's box [left, bottom, width, height]."""
    boxes, places = zip(*(quantized(frame.xy) for frame in frames), strict=True)
    predictions = np.stack([frame.predictions for frame in frames])
    narrow = predictions.min(initial=0) >= 0 and predictions.max(initial=0) < 256
    names = sorted({name for frame in frames for name in frame.numbers})
    return {
        "steps": [frame.step for frame in frames],
        "boxes": [[few(edge, 8) for edge in box] for box in boxes],
        "xy": text64(np.stack(places), "<u2"),
        "predictions": text64(predictions, "u1" if narrow else "<i2"),
        "bytes": 1 if narrow else 2,  # of a prediction
        "names": names,
        "numbers": [[few(frame.numbers.get(name)) for name in names] for frame in frames],
    }


def quantized(xy: np.ndarray) -> tuple[tuple[float, ...], np.ndarray]:
    """Return a frame's box (left, bottom, width, height) and its points (n, 2) within it as uint16 0..65535."""
    xy = np.asarray(xy, dtype=np.float64)
    low, high = xy.min(axis=0, initial=np.inf), xy.max(axis=0, initial=-np.inf)
    span = np.where(high > low, high - low, 1.0)
    return (*low.tolist(), *span.tolist()), np.rint((xy - low) / span * LEVELS).astype(np.uint16)


def packed_series(recording: Recording) -> dict[str, list[list[float | None]]]:
    """Return loss terms and accuracies over the steps as in the board's curves, thinned to a bounded number of points."""
    series: dict[str, Thinned] = {}
    for step, name, value in _values(recording):
        series.setdefault(name, Thinned()).append(step, value)
    return {
        name: [[few(step, 7), few(value)] for step, value in thinned.points]
        for name, thinned in series.items()
    }


def _values(recording: Recording) -> list[tuple[int, str, float]]:
    losses = [
        (fact.step, f"loss/{name}", value)
        for fact in recording.stepped
        for name, value in fact.losses.items()
    ]
    return losses + [
        (look.step, name, v)
        for look in recording.snapshots
        for name, v in look.numbers.items()
        if name.endswith("_accuracy")
    ]


def few(value: float | None, digits: int = 4) -> float | None:
    """Round to a few significant digits, whole numbers as int; None for None, NaN and infinity."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def plain(value: Any) -> Any:
    """Replace NaN and infinity by None, also inside lists and dictionaries."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
