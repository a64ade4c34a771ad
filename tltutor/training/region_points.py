"""The map's points where labels are boxes: one point a box, at its center; people see the picture with the box drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from tltutor.thumbnails import as_bytes

if TYPE_CHECKING:
    from tltutor.domains import Domain
    from tltutor.tasks import Task
    from tltutor.training.flow import Sides
    from tltutor.training.snapshot import SnapshotPoints

FRAME = (255, 64, 160)  # a color that photographs seldom have


def draw_boxes(domain: Domain, size: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Draw up to `size` boxes of a domain: rows of their images (m,), in order, boxes (m, 4), labels (m,).

    A domain without labels gives the whole image, of label -1, for a box.
    """
    if domain.y is None:
        rows = np.sort(rng.permutation(len(domain))[:size])
        whole = np.tile(np.array([0, 0, *domain.shape[:0:-1]], np.float32), (len(rows), 1))
        return rows, whole, np.full(len(rows), -1)
    images, places = np.nonzero(domain.y[..., 4] >= 0)
    drawn = np.sort(rng.permutation(len(images))[:size])
    boxes = domain.y[images[drawn], places[drawn]]
    return images[drawn], boxes[:, :4], boxes[:, 4].astype(np.int64)


def region_scores(
    task: Task, points: SnapshotPoints, outputs: Sides, domains: Sequence[Domain]
) -> dict[str, float]:
    """Return the average precision in the map's images of each labeled domain, by what the network puts out for its points."""
    scores = {}
    for side, domain in enumerate(domains):
        rows, first = np.unique(points.index[points.is_target == side], return_index=True)
        if domain.y is not None:
            found = task.predict(outputs[side][1][torch.from_numpy(first)])
            scores[f"{('source', 'target')[side]}_{task.score_name}"] = task.score(
                found, domain.y[rows]
            )
    return scores


def framed(x: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return images x (n, c, h, w) as uint8 with three channels, and the frame of its box (n, 4) in each."""
    shown = as_bytes(x)
    shown = np.repeat(shown, 3, 1) if shown.shape[1] == 1 else shown.copy()
    height, width = shown.shape[2:]
    color = np.array(FRAME, np.uint8)[:, None]
    corners = np.round(boxes).astype(int).clip(0, [width - 1, height - 1] * 2)
    for image, (x1, y1, x2, y2) in zip(shown, corners, strict=True):
        image[:, [y1, y2], x1 : x2 + 1] = color[..., None]
        image[:, y1 : y2 + 1, [x1, x2]] = color[..., None]
    return shown
