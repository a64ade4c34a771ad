"""Lesson 20's exercises: how much two boxes overlap, and boxes that turn with their picture."""

from __future__ import annotations

import numpy as np

from tltutor.lessons.exercises import Exercise
from tltutor.tasks.detection.average_precision import box_iou


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes x1, y1, x2, y2."""
    return float(box_iou(a[None], b[None])[0, 0])


def mirrored(boxes: np.ndarray, width: float) -> np.ndarray:
    """Boxes (n, 4) of a picture of this width, mirrored left to right: by centers and sizes."""
    center, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    center = np.stack([width - center[:, 0], center[:, 1]], 1)
    return np.concatenate([center - size / 2, center + size / 2], 1)


def _common(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    sides: np.ndarray = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return sides


def _area(box: np.ndarray) -> float:
    return float((box[2:] - box[:2]).prod())


def _negative(a: np.ndarray, b: np.ndarray) -> float:
    common = float(_common(a, b).prod())
    return common / (_area(a) + _area(b) - common)


def _twice(a: np.ndarray, b: np.ndarray) -> float:
    return float(_common(a, b).clip(0).prod()) / (_area(a) + _area(b))


def _smaller(a: np.ndarray, b: np.ndarray) -> float:
    return float(_common(a, b).clip(0).prod()) / min(_area(a), _area(b))


def _box(*corners: float) -> np.ndarray:
    return np.array(corners, np.float64)


def _pictures(seed: int) -> tuple[np.ndarray, float]:
    """Boxes (4, 4) in a picture of 64 pixels."""
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 40, (4, 2))
    return np.hstack([corner, corner + rng.integers(5, 24, (4, 2))]).astype(np.float64), 64.0


EXERCISES = {
    "iou": Exercise(
        oracle=iou,
        cases=[
            (_box(0, 0, 4, 4), _box(2, 1, 6, 5)),
            (_box(0, 0, 10, 10), _box(2, 2, 5, 6)),
            (_box(0, 0, 2, 2), _box(5, 6, 9, 9)),
            (_box(3, 0, 5, 4), _box(3, 0, 5, 4)),
        ],
        mistakes={"negative": _negative, "twice": _twice, "smaller": _smaller},
    ),
    "mirrored": Exercise(
        oracle=mirrored,
        cases=[_pictures(0), _pictures(1)],
        mistakes={
            "kept": lambda boxes, width: boxes,  # noqa: ARG005 - called like the others
            "crossed": lambda boxes, width: np.stack(
                [width - boxes[:, 0], boxes[:, 1], width - boxes[:, 2], boxes[:, 3]], 1
            ),
            "upside-down": lambda boxes, width: np.stack(
                [boxes[:, 0], width - boxes[:, 3], boxes[:, 2], width - boxes[:, 1]], 1
            ),
        },
    ),
}
