"""What is true of each point in feature space, beside what the map shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tltutor.metrics import distances_from, nearest_source, point_trust
from tltutor.views.map import Nearby

if TYPE_CHECKING:
    from tltutor.events import Snapshot

NEAREST = 5  # source points that a line leads to
AROUND = 10  # neighbors whose truth is asked for
TRUSTED = 1000  # points at most: trust sorts all distances, and a look must stay short


def trust_of(snapshot: Snapshot, xy: np.ndarray) -> np.ndarray | None:
    """Return the trust (n,) of each point of a map xy (n, 2) of this snapshot.

    None for a map of too many or too few points, and where a recording has dropped the features.
    """
    able = 2 * AROUND < len(xy) <= TRUSTED and snapshot.features.shape[1] > 0
    return point_trust(snapshot.features, xy, AROUND) if able else None


def nearby(snapshot: Snapshot, row: int) -> Nearby | None:
    """Return a point's nearest source points in the features of this snapshot.

    None for no such point, a point without neighbors, and where a recording has dropped the features.
    """
    known = 0 <= row < len(snapshot.labels) and snapshot.features.shape[1] > 0
    if not known or (~snapshot.is_target).sum() < 2:
        return None
    rows, _ = nearest_source(snapshot.features, snapshot.is_target, NEAREST, rows=[row])
    return Nearby(rows[0], distances_from(snapshot.features, row))
