"""A frame of the map as it travels: checked once, then bytes; it knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class MapFrame:
    """What travels with every step: positions, predictions, axes and decision regions, each b"" where there is none."""

    xy: bytes  # float32 (n, 2)
    predictions: bytes  # int16 (n,)
    step: int
    note: str
    axes: bytes = b""  # float32 (k, 2)
    regions: bytes = b""  # int16 (g, g), row 0 at the bottom
    extent: tuple[float, ...] = ()  # left, bottom, right, top of the regions
    lines: bytes = b""  # float32 (k, 3): source row, target row, share of the mass


def pack(
    n: int, xy: np.ndarray, step: int, predictions: np.ndarray | None = None, *, note: str = ""
) -> MapFrame:
    """A frame of n points: xy (n, 2) finite, predictions (n,) or None."""
    xy = np.ascontiguousarray(xy, dtype="<f4")
    if xy.shape != (n, 2) or not np.isfinite(xy).all():
        raise ValueError(
            f"xy must be ({n}, 2) finite numbers, got shape {xy.shape}: send a row for each of set_points"
        )
    if predictions is not None and np.shape(predictions) != (n,):
        raise ValueError(
            f"predictions must be ({n},), got {np.shape(predictions)}: send one a point, or None"
        )
    told = b"" if predictions is None else np.asarray(predictions).astype("<i2").tobytes()
    return MapFrame(xy.tobytes(), told, int(step), note)


def pack_axes(axes: np.ndarray | None) -> bytes:
    """The tips (k, 2) of the axes in map units as float32 bytes; b"" for None."""
    if axes is None:
        return b""
    tips = np.ascontiguousarray(axes, dtype="<f4")
    if tips.ndim != 2 or tips.shape[1] != 2 or not np.isfinite(tips).all():
        raise ValueError(
            f"axes must be (k, 2) finite numbers, got shape {tips.shape}: send the tip of each axis, or None"
        )
    return tips.tobytes()


def pack_lines(lines: np.ndarray | None, n: int) -> bytes:
    """Lines between points as float32 bytes, each a source row, a target row and a share (k, 3); b"" for None."""
    if lines is None:
        return b""
    told = np.ascontiguousarray(lines, dtype="<f4")
    if told.ndim != 2 or told.shape[1] != 3 or not ((told[:, :2] >= 0) & (told[:, :2] < n)).all():
        raise ValueError(
            f"lines must be (k, 3) with two rows of 0 to {n - 1} and a share, got shape {told.shape}: take a snapshot's plan"
        )
    return told.tobytes()


def pack_regions(regions: tuple[np.ndarray, Box] | None) -> tuple[bytes, tuple[float, ...]]:
    """The classes (g, g), row 0 at the bottom and -1 for none, as int16 bytes, and the box (left, bottom, right, top) they fill."""
    if regions is None:
        return b"", ()
    grid, extent = np.asarray(regions[0]), tuple(float(value) for value in regions[1])
    if grid.ndim != 2 or grid.shape[0] != grid.shape[1] or not grid.size:
        raise ValueError(
            f"regions must be a square grid of classes, got shape {grid.shape}: predict on g x g places"
        )
    if (
        len(extent) != 4
        or not np.isfinite(extent).all()
        or extent[0] >= extent[2]
        or extent[1] >= extent[3]
    ):
        raise ValueError(
            f"the regions' box must be (left, bottom, right, top) with left < right and bottom < top, got {extent}"
        )
    return grid.astype("<i2").tobytes(), extent


def pack_rows(rows: Iterable[int], n: int) -> bytes:
    """Row numbers of points, each once and in the order given, as int32 bytes."""
    kept = np.fromiter(dict.fromkeys(int(row) for row in rows), dtype="<i4")
    outside = kept[(kept < 0) | (kept >= n)]
    if len(outside):
        raise ValueError(
            f"rows must be between 0 and {n - 1}, got {int(outside[0])}: select rows of set_points"
        )
    return kept.tobytes()
