"""Pack a recording as plain JSON for the replay page: arrays compressed, numbers rounded."""

from __future__ import annotations

import math
import zlib
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tltutor.events import SCORES, Changed, Failed, Stepped
from tltutor.export.shown import change_words, frames_of, points_of, title_of
from tltutor.recording import Frame, Points, Recording
from tltutor.recording.choices import chosen_steps
from tltutor.recording.happenings import happenings
from tltutor.recording.happenings import title_of as title_of_happening
from tltutor.recording.values import marked_frame, measured_values
from tltutor.settings import Setting
from tltutor.views.controls import row
from tltutor.views.network import flow_rows
from tltutor.views.sprites import sheet
from tltutor.views.thinning import Thinned

NEAREST = 5  # source points that a line leads to
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
        "looks": packed_looks(chosen, recording.moves),
        "steps": packed_steps(recording.stepped, [frame.step for frame in chosen]),
        "near": packed_near(recording, chosen[-1]),
        "regions": packed_regions(chosen),
        "fields": packed_fields(recording, chosen[-1]),
        "every": every,
        "series": packed_series(recording),
        "changes": [[change.step, change_words(change)] for change in recording.moves],
        "chosen": chosen_steps(chosen, points.is_target),
        "happenings": packed_happenings(chosen, recording.moves, points),
        "board": packed_board(recording, points),
        "failed": next((f.message for f in recording.facts if isinstance(f, Failed)), ""),
    }


def squeezed(array: np.ndarray | bytes, dtype: str = "u1") -> dict[str, str]:
    """Return an array's little-endian bytes by zlib, as base64 under a name that tells the page to inflate it."""
    data = array if isinstance(array, bytes) else np.asarray(array).astype(dtype).tobytes()
    return {"zlib": b64encode(zlib.compress(data, 9)).decode()}


def packed_points(points: Points) -> dict[str, Any]:
    """Return the points as the map's setPoints takes them, after decoding base64."""
    points_data: dict[str, Any] = {
        "n": len(points),
        "classes": list(points.class_names),
        "domains": list(points.domain_names),
        "labels": squeezed(points.labels, "<i2"),
        "isTarget": squeezed(points.is_target),
    }
    if points.texts:
        return points_data | {"texts": list(points.texts)}
    if points.images is None:
        return points_data
    if points.images.ndim == 2:
        return points_data | {
            "width": points.images.shape[1],
            "vectors": squeezed(points.images, "<f4"),
        }
    png, columns, width, height = sheet(points.images)
    return points_data | {"tile": [columns, width, height], "sprites": squeezed(png)}


def packed_frames(frames: Sequence[Frame]) -> dict[str, Any]:
    """Return steps, the look that each frame shows, and coordinates as uint16 within each frame's box [left, bottom, width, height]."""
    boxes, places = zip(*(quantized(frame.xy) for frame in frames), strict=True)
    shown = {id(look.predictions): i for i, look in enumerate(looks_of(frames))}
    return {
        "steps": [frame.step for frame in frames],
        "looks": [shown[id(frame.predictions)] for frame in frames],
        "boxes": [[few(edge, 8) for edge in box] for box in boxes],
        "xy": squeezed(planes(np.stack(places))),
    }


def looks_of(frames: Sequence[Frame]) -> list[Frame]:
    """Return the first frame of each look at the network: the frames of one look share its predictions and numbers."""
    return list({id(frame.predictions): frame for frame in reversed(frames)}.values())[::-1]


def packed_looks(frames: Sequence[Frame], moves: Sequence[Changed]) -> dict[str, Any]:
    """Return what each look says: predictions, numbers by name, the flow at each stage, and what is known of each point."""
    looks = looks_of(frames)
    predictions = np.stack([look.predictions for look in looks])
    narrow = predictions.min(initial=0) >= 0 and predictions.max(initial=0) < 256
    names = sorted({name for look in looks for name in look.numbers})
    shown = {id(look.predictions): i for i, look in enumerate(looks)}
    marked = [marked_frame(frames, look, moves) for look in looks]
    return {
        "predictions": squeezed(predictions, "u1" if narrow else "<i2"),
        "bytes": 1 if narrow else 2,  # of a prediction
        "names": names,
        "numbers": [[few(look.numbers.get(name)) for name in names] for look in looks],
        "flow": [
            [{name: few(value) for name, value in stage.items()} for stage in flow_rows(look.flow)]
            for look in looks
        ],
        "marked": [
            shown[id(frame.predictions)] for frame in marked
        ],  # the look before the last mark
        "values": packed_values([measured_values(look) for look in looks]),
        "lines": packed_lines(looks),
    }


def packed_lines(looks: Sequence[Frame]) -> dict[str, Any] | None:
    """Return the transport plan of each look: how many lines it has, their rows, all sources before all targets, and the masses.

    A look's masses are in 255 levels of `most`, its largest one. None where no look has a plan.
    """
    plans = [np.empty((0, 3)) if look.plan is None else look.plan for look in looks]
    if not any(map(len, plans)):
        return None
    most = [float(plan[:, 2].max(initial=0.0)) for plan in plans]
    levels = [np.ceil(plan[:, 2] / m * 255) for plan, m in zip(plans, most, strict=True)]
    return {
        "counts": [len(plan) for plan in plans],
        "most": [few(mass) for mass in most],
        "rows": squeezed(np.concatenate(plans)[:, :2].T, "<u2"),
        "levels": squeezed(np.concatenate(levels)),
    }


def packed_values(values: Sequence[Mapping[str, np.ndarray]]) -> dict[str, Any]:
    """Return what is known of each point at every look, by name, in 255 levels from low to high; 255 is unknown."""
    names = [name for name in values[0] if all(name in known for known in values)]
    found = {}
    for name in names:
        rows = np.stack([known[name] for known in values]).astype(np.float64)
        low, high = np.nanmin(rows, initial=0.0), np.nanmax(rows, initial=1.0)
        levels = np.where(np.isnan(rows), 255, np.rint((rows - low) / (high - low) * 254))
        found[name] = {"low": few(low), "high": few(high), "levels": squeezed(levels)}
    return found


def packed_steps(stepped: Sequence[Stepped], steps: Sequence[int]) -> dict[str, Any]:
    """Return losses and acting settings of the last training step until each of these, by name; None before the first one."""
    at = [bisect_right([fact.step for fact in stepped], step) - 1 for step in steps]
    facts = [stepped[i] if i >= 0 else None for i in at]
    terms = sorted({name for fact in stepped for name in fact.losses})
    acting = sorted({name for fact in stepped for name in fact.effective})
    return {
        "terms": terms,
        "losses": [[few(fact.losses.get(n)) if fact else None for n in terms] for fact in facts],
        "acting": acting,
        "values": [
            [_acting(fact.effective.get(name)) if fact else None for name in acting]
            for fact in facts
        ],
    }


def _acting(value: Any) -> Any:
    return value if isinstance(value, str | bool) else few(value)


def packed_near(recording: Recording, last: Frame) -> dict[str, str] | None:
    """Return the nearest source points (n, k) of each point in feature space at the last frame, int16; None where unknown."""
    latest = recording.latest
    known = latest is not None and latest.step == last.step and latest.features.shape[1] > 0
    if not known or latest is None or (~latest.is_target).sum() <= NEAREST:
        return None
    from tltutor.metrics import nearest_source  # where there are features, torch has made them

    rows, _ = nearest_source(latest.features, latest.is_target, NEAREST)
    return squeezed(rows, "<i2")


def packed_regions(frames: Sequence[Frame]) -> dict[str, Any] | None:
    """Return the decision regions: which grid is behind each frame, -1 for none, and how each cell differs from the grid before.

    None where no frame has any: on a map other than that of 2-D inputs.
    """
    known = list({id(r): r for frame in frames if (r := frame.regions) is not None}.values())
    if not known:
        return None
    number = {id(regions): i for i, regions in enumerate(known)}
    grids = np.stack([regions.grid.astype(np.uint16) for regions in known])
    return {
        "frames": [number.get(id(frame.regions), -1) for frame in frames],
        "side": len(known[0].grid),
        "boxes": [[few(edge, 8) for edge in regions.box] for regions in known],
        "grids": squeezed(planes(grids)),
    }


def packed_fields(recording: Recording, last: Frame) -> dict[str, str] | None:
    """Return each stage's decision field at the last frame, int16; None where unknown."""
    latest = recording.latest
    if latest is None or latest.step != last.step or latest.flow is None or not latest.flow.fields:
        return None
    return squeezed(np.stack([field.grid for field in latest.flow.fields.values()]), "<i2")


def packed_happenings(
    frames: Sequence[Frame], moves: Sequence[Changed], points: Points
) -> list[list[Any]]:
    """Return what happened from mark to mark: kind, first and last step, title and rows of each."""
    found = happenings(frames, moves, points.labels, points.is_target)
    return [[h.kind, h.start, h.end, title_of_happening(h), list(h.rows)] for h in found]


def packed_board(recording: Recording, points: Points) -> dict[str, Any] | None:
    """Return the network's outline and the settings' rows with what they were set to; None where the recording has none."""
    if not points.board:
        return None
    values, changes = points.about.get("settings", {}), recording.changes
    settings = [_setting(declared) for declared in points.board["settings"]]
    settings = [setting for setting in settings if setting.name in values]
    taken = {s.name: [values[s.name]] for s in settings}
    for change in changes:
        taken.get(change.name, []).append(change.new)
    return {
        "stages": points.board["stages"],
        "around": points.board["around"],
        "rows": [row(setting, *taken[setting.name]) for setting in settings],
        "values": {setting.name: values[setting.name] for setting in settings},
        "changes": [[c.step, c.name, c.new] for c in changes if c.name in taken],
    }


def _setting(declared: Mapping[str, Any]) -> Setting:
    return Setting(**{**declared, "choices": tuple(declared["choices"])})


def planes(frames: np.ndarray) -> np.ndarray:
    """Return uint16 frames as how each differs from the one before, all low bytes before all high ones: zlib likes that."""
    steps = np.diff(frames, axis=0, prepend=np.zeros_like(frames[:1]))  # modulo 65536
    return np.stack([steps & 255, steps >> 8]).astype("u1")


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
        if name.endswith(SCORES)
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
