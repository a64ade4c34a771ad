"""Boxes around objects: torchvision's targets become one padded array, checked once; it knows no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tltutor import checks
from tltutor.checks import listed

PAD = -1.0  # the label of a row that holds no box
OVER = 1.0  # pixels by which a box may leave its image, as rounded ones do: it is cut there
CORNERS = 4


def are_boxes(y: Any) -> bool:
    """Whether labels are boxes: one mapping an image, or the padded array (n, m, 5)."""
    if isinstance(y, list | tuple):
        return bool(len(y)) and isinstance(y[0], Mapping)
    return getattr(y, "ndim", 0) == 3 and y.shape[-1] == CORNERS + 1


def as_boxes(
    y: Any, *, what: str, n: int, size: Sequence[int], class_names: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Turn what a user gives into boxes (n, m, 5) float32, x1, y1, x2, y2 in pixels and a class number, and the class names.

    y: torchvision's targets, one mapping an image with "boxes" (m, 4) and "labels" (m,), numbers from 0 on or names; or the
    padded array itself, in which rows of label -1 hold no box. size: height and width of the images.
    Errors: TypeError and ValueError for boxes outside the image or without an area, other labels, and no box at all.
    """
    rows = _of_array(y) if hasattr(y, "ndim") else [_of_target(t, what, i) for i, t in enumerate(y)]
    if len(rows) != n:
        raise ValueError(
            f"{what} must have boxes for every image, got {len(rows)} for {n} images: give {{'boxes': [], 'labels': []}}"
            " for an image without any"
        )
    if not any(len(boxes) for boxes, _ in rows):
        raise ValueError(
            f"{what} must hold at least one box, got none in {n} images: give y=None for images without labels"
        )
    flat = [label for _, labels in rows for label in labels]
    numbers, names = checks.as_classes(flat, what=what, class_names=class_names)
    ends = np.cumsum([len(labels) for _, labels in rows])[:-1]
    parts = zip((boxes for boxes, _ in rows), np.split(numbers, ends), strict=True)
    images = [
        np.column_stack([_inside(boxes, size, what, i), labels])
        for i, (boxes, labels) in enumerate(parts)
    ]
    return padded(images), names


def _of_array(y: Any) -> list[tuple[np.ndarray, list[int]]]:
    """Take the padding off an array (n, m, 5)."""
    array = checks.as_array(y, what="boxes").astype(np.float64)
    kept = [rows[rows[:, CORNERS] != PAD] for rows in array]
    return [(rows[:, :CORNERS], rows[:, CORNERS].astype(int).tolist()) for rows in kept]


def _of_target(target: Any, what: str, place: int) -> tuple[np.ndarray, list[Any]]:
    """Return boxes (m, 4) and their labels of one image."""
    if not isinstance(target, Mapping) or not {"boxes", "labels"} <= target.keys():
        got = f"keys {listed(target)}" if isinstance(target, Mapping) else type(target).__name__
        raise TypeError(
            f"{what} must be a mapping with 'boxes' and 'labels' for each image, got {got} in example {place}:"
            " give {'boxes': [[x1, y1, x2, y2]], 'labels': [0]}"
        )
    boxes = checks.as_array(target["boxes"], what=f"boxes in {what}").astype(np.float64)
    labels = target["labels"]
    labels = list(labels.tolist() if hasattr(labels, "tolist") else labels)
    boxes = boxes.reshape(-1, CORNERS) if not boxes.size else boxes
    if boxes.ndim != 2 or boxes.shape[1] != CORNERS or len(boxes) != len(labels):
        raise ValueError(
            f"{what} must have boxes (m, 4) and m labels for each image, got {boxes.shape} and {len(labels)} labels in example"
            f" {place}: give one label a box"
        )
    return boxes, labels


def _inside(boxes: np.ndarray, size: Sequence[int], what: str, place: int) -> np.ndarray:
    """Refuse boxes (m, 4) without an area and those that leave the image by more than OVER; cut the others at its rim."""
    checks.check_finite(boxes, what=f"boxes in {what}")
    height, width = size
    end = np.array([width, height, width, height], np.float64)
    for box in boxes:
        x1, y1, x2, y2 = box.tolist()
        if x2 <= x1 or y2 <= y1:
            raise ValueError(
                f"boxes in {what} must have x1 < x2 and y1 < y2, got {_shown(box)} in example {place}: give corners; from"
                " x, y, width, height they come with torchvision.ops.box_convert(boxes, 'xywh', 'xyxy')"
            )
        if (box < -OVER).any() or (box > end + OVER).any():
            raise ValueError(
                f"boxes in {what} must lie inside the image of {width} x {height} pixels, got {_shown(box)} in example {place}:"
                f" give pixels of these images, or cut them with torchvision.ops.clip_boxes_to_image(boxes, ({height}, {width}))"
            )
    cut: np.ndarray = boxes.clip(0, end)
    return cut


def _shown(box: np.ndarray) -> str:
    return f"({', '.join(f'{value:g}' for value in box)})"


def padded(images: Sequence[np.ndarray]) -> np.ndarray:
    """Stack the boxes (m, 5) of each image to (n, most boxes, 5) float32; rows of label -1 hold none."""
    most = max((len(rows) for rows in images), default=0)
    whole = np.zeros((len(images), max(most, 1), CORNERS + 1), np.float32)
    whole[..., CORNERS] = PAD
    for image, rows in zip(whole, images, strict=True):
        image[: len(rows)] = rows
    return whole


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join labels of several domains: class numbers (n,), or boxes (n, m, 5), each padded to the most boxes of all."""
    if parts[0].ndim == 1:
        return np.concatenate(parts)
    return padded([rows[rows[:, CORNERS] != PAD] for part in parts for rows in part])


def class_numbers(y: np.ndarray) -> np.ndarray:
    """Return the class number of each label: y (n,) itself, or one a box."""
    return y if y.ndim == 1 else y[..., CORNERS][y[..., CORNERS] != PAD].astype(np.int64)


def renumbered(y: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Give each label k the number `number[k]`; a box whose number is -1 is dropped."""
    if y.ndim == 1:
        return number[y]  # type: ignore[no-any-return]
    real = y[..., CORNERS] != PAD
    new = y.copy()
    new[..., CORNERS] = np.where(real, number[y[..., CORNERS].astype(int)], PAD)
    return padded([rows[rows[:, CORNERS] != PAD] for rows in new])


def shows(y: np.ndarray, label: int) -> np.ndarray:
    """Return which examples (n,) bool are of this class, or have a box of it."""
    these: np.ndarray = y == label if y.ndim == 1 else (y[..., CORNERS] == label).any(1)
    return these


def as_targets(y: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Return torchvision's targets of boxes (n, m, 5): for each image "boxes" (m, 4) float32 and "labels" (m,) int64."""
    kept = [rows[rows[:, CORNERS] != PAD] for rows in y]
    return [
        {"boxes": rows[:, :CORNERS], "labels": rows[:, CORNERS].astype(np.int64)} for rows in kept
    ]
