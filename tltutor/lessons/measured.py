"""What a lesson's runs were measured to be, as its text prints it: measured.json holds each figure, seed by seed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tltutor.settings import check_name

FILE = "measured.json"
CHOSEN = (0, 1, 2)  # the seeds that a text speaks of unless it names others


def short(value: float) -> str:
    """Return a number as a text prints it: .83, 1.00, −.12; what rounds to 0 has no sign."""
    return ("−" if round(value, 2) < 0 else "") + f"{abs(value):.2f}".removeprefix("0")


class Measured:
    """The measured figures of the lesson in this folder. Its methods are what prose calls: {{ mean("DANN") }}.

    seeds: those that a method takes into account, CHOSEN if none are named. Errors: ValueError for an unknown figure or seed.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @cached_property
    def _whole(self) -> Mapping[str, Any]:
        return dict(json.loads(self.path.read_text("utf-8"))) if self.path.exists() else {}

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds that were run."""
        return tuple(self._whole.get("seeds", ()))

    @property
    def figures(self) -> Mapping[str, Sequence[float]]:
        """Every figure by name: one number a seed."""
        return dict(self._whole.get("figures", {}))

    def values(self, name: str, seeds: Sequence[int] = ()) -> list[float]:
        """Return a figure's numbers for these seeds."""
        where = f"{self.path.parent.name}/{FILE}"
        found = self.figures[check_name(name, self.figures, what=f"figure of {where}")]
        for seed in seeds or CHOSEN:
            check_name(f"{seed}", map(str, self.seeds), what=f"seed of {where}")
        return [found[self.seeds.index(seed)] for seed in seeds or CHOSEN]

    def mean(self, name: str, *seeds: int) -> str:
        """Return the mean: .83."""
        return short(statistics.mean(self.values(name, seeds)))

    def spread(self, name: str, *seeds: int) -> str:
        """Return the mean with its standard deviation: .83 ± .02."""
        return f"{self.mean(name, *seeds)} ± {short(statistics.pstdev(self.values(name, seeds)))}"

    def each(self, name: str, *seeds: int) -> list[str]:
        """Return the numbers, seed by seed."""
        return [short(value) for value in self.values(name, seeds)]

    def gain(self, name: str, other: str, *seeds: int) -> str:
        """Return how much larger the mean of `name` is than that of `other`, as both are printed: +.31."""
        means = [round(statistics.mean(self.values(one, seeds)), 2) for one in (name, other)]
        return ("+" if means[0] > means[1] else "") + short(means[0] - means[1])

    def gains(self, name: str, other: str, *seeds: int) -> list[str]:
        """Return how much larger `name` is than `other`, seed by seed."""
        both = (self.values(one, seeds) for one in (name, other))
        return [short(a - b) for a, b in zip(*both, strict=True)]

    @property
    def measured_with(self) -> str:
        """The version of torch and the processor, which move the last digits."""
        found = self._whole.get("measured_with", {})
        return f"torch {found.get('torch', '?')}, {found.get('processor', '?')}"
