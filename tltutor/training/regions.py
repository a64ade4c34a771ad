"""Regions of the plane, for pairs with 2-D inputs: what the network decides there, and what each stage could decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tltutor.events import Regions
from tltutor.metrics import channel_means, nearest_mean
from tltutor.networks.taps import tapped

if TYPE_CHECKING:
    from tltutor.training.session import Session

GRID = 48  # cells a side of the decision regions
FIELD = 24  # cells a side of a stage's decision field
MARGIN = 0.08  # of the points' extent, around the decision regions

Box = tuple[float, float, float, float]  # left, bottom, right, top


def grid_cells(x: np.ndarray, g: int) -> tuple[np.ndarray, Box]:
    """Return the middles (g g, 2) float32 of g x g cells that cover the examples x (n, 2) and a margin, and their box.

    The first row of cells is at the bottom.
    """
    low, high = x.min(0), x.max(0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    (left, bottom), (right, top) = low - margin, high + margin
    middles = (np.arange(g) + 0.5) / g
    across, up = np.meshgrid(left + middles * (right - left), bottom + middles * (top - bottom))
    cells = np.stack([across.ravel(), up.ravel()], 1).astype(np.float32)
    return cells, (float(left), float(bottom), float(right), float(top))


def decision_regions(predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> Regions:
    """Return the class predicted at the middle of each of GRID x GRID cells that cover the examples x (n, 2) and a margin.

    predict: (m, 2) float32 -> classes (m,), such as `session.predict`, which judges as the target's.
    """
    cells, box = grid_cells(x, GRID)
    return Regions(predict(cells).reshape(GRID, GRID), box)


def decision_fields(session: Session, outputs: Mapping[str, Tensor]) -> dict[str, Regions]:
    """Return for each stage which class's mean is nearest to its output, at the middle of FIELD x FIELD cells, by name.

    outputs: `channel_means` of each stage for the snapshot's points (n, d). The means are those of its source points, by
    their labels; the cells are judged as the target's. A stage in which the classes are not yet apart has a field that does
    not fit the points.
    """
    points = session.snapshot_points
    cells, box = grid_cells(points.x, FIELD)
    with tapped(session.network, channel_means) as there:
        session.outputs(cells, "target")
    source = ~points.is_target
    fields = {}
    for name, h in outputs.items():
        classes = nearest_mean(
            h[torch.from_numpy(source)], points.labels[source], torch.cat(there[name])
        )
        fields[name] = Regions(classes.reshape(FIELD, FIELD), box)
    return fields
