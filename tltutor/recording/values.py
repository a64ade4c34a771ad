"""What a recording knows of each point at a frame, beside its place and its predicted class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tltutor.events import Changed
    from tltutor.recording.recording import Frame


def measured_values(frame: Frame) -> dict[str, np.ndarray]:
    """Return what was measured of each point at this frame by name, each (n,), NaN where unknown.

    confidence: of the network's answer, 1/classes..1. loss: cross-entropy in nats. opinion: P(target) by the discriminator.
    weight: how much a source point counts in the task's loss, 1 on average. What was not measured is left out.
    """
    flow = frame.flow
    found = {"weight": frame.weights}
    if flow is not None:
        found |= {"confidence": flow.confidence, "loss": flow.losses, "opinion": flow.opinions}
    return {name: row for name, row in found.items() if row is not None}


def values_of(
    frame: Frame, marked: Frame, origin: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Return what is known of each point at this frame by name, each (n,): what was measured, and two more.

    changed: 1 where the answer differs from that at `marked`. origin: the number of its source domain, -1 for the target's;
    left out where there is one source domain.
    """
    values = measured_values(frame)
    if origin is not None and origin.max(initial=0) > 0:
        values["origin"] = origin
    return values | {"changed": (frame.predictions != marked.predictions).astype(np.float32)}


def marked_frame(frames: Sequence[Frame], frame: Frame, moves: Sequence[Changed]) -> Frame:
    """Return the frame at the last mark before this one: the last taken before the first step of a changed setting."""
    step = max((move.step for move in moves if move.step <= frame.step), default=0)
    before = [kept for kept in frames if kept.step < max(step, 1)]
    return before[-1] if before else frames[0]
