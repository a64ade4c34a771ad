"""Which step of a run each label-free judge would have chosen so far, and the oracle's, which looks at the target's labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tltutor.events import JUDGE

if TYPE_CHECKING:
    from tltutor.recording.recording import Frame

ORACLE, ORACLES_NUMBER = "oracle", "target_accuracy"


def chosen_steps(frames: Iterable[Frame], is_target: np.ndarray) -> dict[str, int]:
    """Return the step of the look that each judge thinks best, by the judge's name, and "oracle" for that of the best accuracy.

    frames: of the map, in order; is_target (n,). A look at which all target points get one class is never chosen; of equal
    ones the first is. The oracle's is no choice: it is there to compare with, and only where a judge is.
    """
    best: dict[str, tuple[float, int]] = {}
    seen = None
    for frame in frames:
        same, seen = (
            frame.predictions is seen,
            frame.predictions,
        )  # the frames of one look share them
        if same or not any(name.startswith(JUDGE) for name in frame.numbers):
            continue
        if len(np.unique(frame.predictions[is_target])) < 2:
            continue
        for name, value in frame.numbers.items():
            who = ORACLE if name == ORACLES_NUMBER else name.removeprefix(JUDGE)
            asked = name == ORACLES_NUMBER or name.startswith(JUDGE)
            if asked and np.isfinite(value) and (who not in best or value > best[who][0]):
                best[who] = (value, frame.step)
    return {who: step for who, (_, step) in best.items()}
