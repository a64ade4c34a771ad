"""All that a report knows of two domains, as plain records; it knows no page, and no label of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tltutor.domains import Domain, Leaks
from tltutor.evaluation.report.methods import Row, Shares, chosen
from tltutor.evaluation.report.shift import Shift, Typical
from tltutor.experiment.experiment import SOURCE_ONLY

MOVED = 0.1  # total variation of the classes' shares from which they are called moved
LEARNED = 0.25  # of the way from always saying the commonest class to being always right
FAR, NEAR = 0.9, 0.65  # accuracies of the probe


@dataclass(frozen=True, eq=False)
class Found:
    """What was measured of a source and a target without labels.

    aa: the source's halves tested against each other; shift: source against target; reshared: the source redrawn with the
    target's estimated class shares against the target, of `reshared_count` rows. between: copies of target examples in the
    source; within: of the source's validation part in its training part. answers: the choice's class of each target example,
    and its probability. trunk: name of the network on whose frozen features the methods trained; "" for a small network.
    """

    source: Domain
    target: Domain
    aa: Shift
    shift: Shift
    reshared: Shift | None
    reshared_count: int
    between: Leaks
    within: Leaks
    typical: Typical
    differences: Sequence[tuple[str, float, float]]
    shares: Shares | None
    rows: Sequence[Row]
    judge: str
    answers: np.ndarray
    sureness: np.ndarray
    seeds: tuple[int, ...]
    steps: int
    seconds: float
    trunk: str = ""

    @property
    def plain(self) -> Row:
        """Source-only's row."""
        return next(row for row in self.rows if row.method == SOURCE_ONLY)

    @property
    def choice(self) -> Row | None:
        """The row that the judge chooses, one of `rows`; None if every run failed or answers one class alone."""
        return chosen(self.rows, self.judge)

    @property
    def learned(self) -> bool:
        """Whether source-only knows held-out source examples: without that there is nothing to transfer."""
        y = self.source.y
        often = float(np.bincount(y).max() / len(y)) if y is not None else 0.0
        return self.plain.source_accuracy >= often + LEARNED * (1 - often)

    def choices(self) -> Mapping[str, str]:
        """Return the method that each judge would choose, of those that score every row."""
        judges = dict.fromkeys(name for row in self.rows for name in row.scores)
        found = {judge: chosen(self.rows, judge) for judge in judges}
        return {judge: row.method for judge, row in found.items() if row is not None}

    @property
    def moved_shares(self) -> float | None:
        """Half the sum of the differences between the source's class shares and those that EM takes for the target's, 0..1."""
        if self.shares is None:
            return None
        return float(np.abs(self.shares.em - self.shares.source).sum() / 2)

    @property
    def kind(self) -> str:
        """The kind of shift that the tests speak for: "none", "shares", "both" or "looks"."""
        moved = (self.moved_shares or 0.0) >= MOVED
        if not self.shift.found:
            return "none"
        if moved and self.reshared is not None and not self.reshared.found:
            return "shares"
        return "both" if moved else "looks"

    @property
    def size(self) -> str:
        """How far apart the domains are by the probe: "far", "apart" or "near"."""
        accuracy = self.shift.probe.value
        return "far" if accuracy >= FAR else "apart" if accuracy >= NEAR else "near"
