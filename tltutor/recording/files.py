"""Recordings as .npz files: arrays as arrays, numbers and names as JSON; reading one runs no code in it."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.events import (
    PART_KINDS,
    Changed,
    Embedded,
    Fact,
    Failed,
    Flow,
    PartKind,
    Pull,
    Regions,
    Snapshot,
    Stepped,
)
from tltutor.files import replacing
from tltutor.recording.points import Points

FORMAT = "tltutor-recording"
VERSION = 2  # 1 had no points
LARGEST = (
    2 << 30
)  # bytes that a recording may unpack to; a day at three frames per second, 600 points each, takes 1.9 GB
KINDS = {  # array -> (kind of its dtype, dimensions)
    "predictions": ("i", 2),
    "labels": ("i", 1),
    "is_target": ("b", 1),
    "xy": ("f", 3),
}
PLANES = {"regions": ("i", 3), "boxes": ("f", 2)}  # a row each look that has decision regions
READ_ERRORS = (  # what a damaged or foreign file can raise while it is read
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    RecursionError,
    NotImplementedError,
)


def write(path: Path, facts: Sequence[Fact], points: Points | None) -> None:
    """Write the facts and points to `path`, as a whole or not at all. Errors: OSError."""
    with replacing(path, "recording") as part, part.open("wb") as file:
        np.savez_compressed(file, **_pack(facts, points))


def read(path: Path) -> tuple[list[Fact], Points | None]:
    """Return the facts and points in the file. Errors: ValueError in one sentence if it is not a recording; OSError."""
    data = path.open("rb")
    with data:
        try:
            arrays = _arrays(data)
            head = _head(arrays.pop("head"))
        except READ_ERRORS as error:
            raise ValueError(
                f"a recording must be an .npz file written by save, got {path}: {_message(error)}"
            ) from None
    if head.get("format") != FORMAT or head.get("version") not in range(1, VERSION + 1):
        found = f"{head.get('format')!r} version {head.get('version')!r}"
        raise ValueError(
            f"a recording must be {FORMAT!r} version 1 to {VERSION}, got {found} in {path}: record the run again"
        )
    try:
        return list(_facts(head, arrays)), _points(head, arrays)
    except (*READ_ERRORS, StopIteration, RuntimeError) as error:
        raise ValueError(
            f"a recording's parts must fit together, got {path}: {_message(error)}; record the run again"
        ) from None


def _message(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


# --- writing


def _pack(facts: Sequence[Fact], points: Points | None) -> dict[str, Any]:
    stored = [f for f in facts if isinstance(f, Stepped | Changed | Snapshot | Embedded)]
    snapshots, embedded = (
        [f for f in stored if isinstance(f, Snapshot)],
        [f for f in stored if isinstance(f, Embedded)],
    )
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "facts": [_headline(fact) for fact in stored],
    }
    failed = [[fact.step, fact.message] for fact in facts if isinstance(fact, Failed)]
    head |= {"failed": failed[0]} if failed else {}
    arrays: dict[str, Any] = {}
    if snapshots:
        arrays |= {
            "labels": snapshots[0].labels.astype(np.int16),
            "is_target": snapshots[0].is_target,
        }
        arrays["predictions"] = np.stack([f.predictions for f in snapshots]).astype(np.int16)
    behind = [f.regions for f in snapshots if f.regions is not None]
    if behind and len(behind) == len(snapshots):
        arrays["regions"] = np.stack([regions.grid for regions in behind])
        arrays["boxes"] = np.array([regions.box for regions in behind], np.float64)
    if embedded:
        arrays["xy"] = np.stack([f.xy for f in embedded])
    if points is not None:
        head["points"] = {
            "class_names": points.class_names,
            "domain_names": points.domain_names,
            "about": dict(points.about),
            "board": dict(points.board),
        }
        head["points"] |= {"texts": points.texts} if points.texts else {}
        arrays |= {
            "point_labels": points.labels.astype(np.int16),
            "point_is_target": points.is_target,
        }
        arrays |= {} if points.images is None else {"images": points.images}
    text = json.dumps(head, separators=(",", ":")).encode()
    return {"head": np.frombuffer(text, np.uint8)} | {
        name: np.ascontiguousarray(array) for name, array in arrays.items()
    }


def _headline(fact: Fact) -> list[Any]:
    """Return a fact without its arrays, as JSON can hold it."""
    if isinstance(fact, Stepped):
        return ["Stepped", fact.step, dict(fact.losses), dict(fact.effective)]
    if isinstance(fact, Changed):
        return ["Changed", fact.step, fact.name, fact.old, fact.new]
    if isinstance(fact, Snapshot):
        flow = [] if fact.flow is None else [_flow_line(fact.flow)]
        return ["Snapshot", fact.step, dict(fact.numbers), *flow]
    if isinstance(fact, Embedded):
        return ["Embedded", fact.step, fact.projection]
    raise TypeError(
        f"a recording stores steps, changes, snapshots and embeddings, got {type(fact).__name__}"
    )


def _flow_line(flow: Flow) -> dict[str, Any]:
    """Return the flow's few numbers as JSON can hold them, to six digits."""
    return {
        "pulls": [
            [p.part, p.kind, p.trains, *map(_short, (p.task, p.transfer, p.cosine))]
            for p in flow.pulls
        ],
        "separation": {name: _short(value) for name, value in flow.separation.items()},
    }


def _short(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


# --- reading


def _arrays(file: Any) -> dict[str, np.ndarray]:
    """Read every array, in no more memory than the archive declares and LARGEST allows; objects are refused unread."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > LARGEST:
            raise ValueError(
                f"it would unpack to {size / 1e9:.1f} GB, and at most {LARGEST / 1e9:.1f} are read"
            )
        return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{member.filename} is not an array as save writes it")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject:
            raise ValueError(f"{member.filename} holds Python objects, which are never loaded")
        return np.frombuffer(file.read(), dtype).reshape(shape, order="F" if fortran else "C")


def _head(array: np.ndarray) -> dict[str, Any]:
    """Decode the head's JSON: UTF-8 bytes, or in version 1 one NumPy string."""
    text = array.tobytes().decode() if array.dtype == np.uint8 else str(array)
    head = json.loads(text)
    if not isinstance(head, dict):
        raise TypeError("its head is not a JSON object")
    return head


def _checked(arrays: Mapping[str, np.ndarray]) -> None:
    """Check that the arrays have the types that save writes, and one row per point."""
    for name, (kind, dimensions) in {**KINDS, **PLANES}.items():
        if name in arrays and (arrays[name].dtype.kind != kind or arrays[name].ndim != dimensions):
            raise ValueError(f"{name} has type {arrays[name].dtype} and shape {arrays[name].shape}")
    points = {arrays[name].shape[KINDS[name][1] > 1] for name in KINDS if name in arrays}
    if len(points) > 1:
        raise ValueError(f"its arrays have {' and '.join(map(str, sorted(points)))} points")


def _facts(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Iterator[Fact]:
    _checked(arrays)
    predictions, xy = iter(arrays.get("predictions", ())), iter(arrays.get("xy", ()))
    behind = _regions(arrays) if "regions" in arrays else None
    for kind, step, *rest in head["facts"]:
        if not isinstance(step, int):
            raise TypeError(f"a step must be a whole number, got {step!r}")
        if kind == "Stepped":
            yield Stepped(step, *map(_numbers, rest))
        elif kind == "Changed":
            yield Changed(step, *rest)
        elif kind == "Snapshot":
            guess = next(predictions).astype(np.int64)
            labels, nothing = (
                arrays["labels"].astype(np.int64),
                np.empty((len(guess), 0), np.float32),
            )
            yield Snapshot(
                step,
                nothing,
                labels,
                predictions=guess,
                is_target=arrays["is_target"],
                numbers=_numbers(rest[0]),
                regions=next(behind) if behind else None,
                flow=_flow(rest[1]) if len(rest) > 1 else None,
            )
        elif kind == "Embedded":
            yield Embedded(step, next(xy), str(rest[0]))
        else:
            raise ValueError(f"it holds an unknown fact {kind!r}")
    if "failed" in head:
        step, message = head["failed"]
        yield Failed(int(step), str(message))


def _regions(arrays: Mapping[str, np.ndarray]) -> Iterator[Regions]:
    """Yield each look's decision regions, square grids that fill a box."""
    grids, boxes = arrays["regions"], arrays["boxes"]
    low, high = boxes[:, :2], boxes[:, 2:]
    if grids.shape[1] != grids.shape[2] or boxes.shape[1] != 4 or not (low < high).all():
        raise ValueError(f"regions have shape {grids.shape}, their boxes {boxes.shape}")
    for grid, box in zip(grids, boxes.tolist(), strict=True):
        yield Regions(grid, tuple(box))


def _numbers(found: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(value) for name, value in found.items()}


def _flow(found: Mapping[str, Any]) -> Flow:
    pulls = [
        Pull(str(part), _kind(kind), bool(trains), *map(_number, values))
        for part, kind, trains, *values in found["pulls"]
    ]
    return Flow(tuple(pulls), _numbers(found["separation"]))


def _kind(found: Any) -> PartKind:
    for kind in PART_KINDS:
        if found == kind:
            return kind
    raise ValueError(f"a part must be one of {', '.join(PART_KINDS)}, got {found!r}")


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _points(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Points | None:
    stored = head.get("points")
    if stored is None:
        return None
    return Points(
        arrays["point_labels"],
        arrays["point_is_target"],
        class_names=tuple(stored["class_names"]),
        domain_names=tuple(stored["domain_names"]),
        images=arrays.get("images"),
        about=stored["about"],
        texts=tuple(stored.get("texts", ())),
        board=stored.get("board", {}),
    )
