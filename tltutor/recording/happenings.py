"""What happened to the points between two marks of a run: a few lines, each with its points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from tltutor.language import mark, tr

if TYPE_CHECKING:
    from tltutor.events import Changed
    from tltutor.recording.recording import Frame

Kind: TypeAlias = Literal["right", "wrong", "fooled", "caught", "moved"]
MOST_SPANS = 8  # the latest
MOST_MOVED = 10  # points


TITLES = {
    "right": mark("became right, step {before} to {here}"),
    "wrong": mark("turned wrong, step {before} to {here}"),
    "fooled": mark("began to fool the discriminator, step {before} to {here}"),
    "caught": mark("found out by the discriminator, step {before} to {here}"),
    "moved": mark("moved most on the map, step {before} to {here}"),
}


@dataclass(frozen=True)
class Happening:
    """What the same thing happened to between the frames of two steps: these rows of the map, kind says what.

    right, wrong: the prediction became that, of labeled target points. fooled, caught: the discriminator began to take the
    target point for a source point, or for what it is. moved: the target points that went farthest on the map.
    """

    kind: Kind
    start: int
    end: int
    rows: tuple[int, ...]

    @property
    def between(self) -> dict[str, str]:
        """What fills the places of its title."""
        return {"before": f"{self.start:,}", "here": f"{self.end:,}"}


def title_of(happening: Happening) -> str:
    """Return what its points are called where they are selected, in the language in use."""
    return tr(TITLES[happening.kind], **happening.between)


def happenings(
    frames: Sequence[Frame],
    moves: Sequence[Changed],
    labels: np.ndarray,
    is_target: np.ndarray,
) -> tuple[Happening, ...]:
    """Return what happened from mark to mark and from the last one until now, the latest first.

    frames: of the map, in order. moves: the marks. labels (n,) with -1 for none, is_target (n,).
    """
    found: list[Happening] = []
    for first, last in _spans([frame.step for frame in frames], [move.step for move in moves]):
        before, after = frames[first], frames[last]
        for kind, rows in _what(before, after, labels, is_target):
            if len(rows):
                found.append(Happening(kind, before.step, after.step, tuple(rows.tolist())))
    return tuple(found)


def _spans(steps: Sequence[int], marks: Sequence[int]) -> list[tuple[int, int]]:
    """The first and last frame between two marks, the latest first; a mark's frame is the last one before its step."""
    if len(steps) < 2:
        return []
    at = {max(int(np.searchsorted(steps, mark)) - 1, 0) for mark in marks}
    ends = sorted({0, *at, len(steps) - 1})
    spans = [(a, b) for a, b in pairwise(ends) if steps[a] < steps[b]]
    return spans[::-1][:MOST_SPANS]


def _what(
    before: Frame, after: Frame, labels: np.ndarray, is_target: np.ndarray
) -> Iterator[tuple[Kind, np.ndarray]]:
    judged = is_target & (labels >= 0)
    was, now = before.predictions == labels, after.predictions == labels
    yield "right", np.flatnonzero(judged & ~was & now)
    yield "wrong", np.flatnonzero(judged & was & ~now)
    opinions = [flow.opinions for f in (before, after) if (flow := f.flow) is not None]
    if len(opinions) == 2 and opinions[0] is not None and opinions[1] is not None:
        taken, takes = opinions[0] >= 0.5, opinions[1] >= 0.5  # for target points
        yield "fooled", np.flatnonzero(is_target & taken & ~takes)
        yield "caught", np.flatnonzero(is_target & ~taken & takes)
    far = np.linalg.norm(after.xy - before.xy, axis=1) * is_target
    yield "moved", np.argsort(-far, kind="stable")[: min(MOST_MOVED, int(is_target.sum()))]
