"""The facts that a session yields: frozen records of numbers and read-only arrays; they know no torch, thread or screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np


def read_only(array: Any) -> np.ndarray:
    """Return a read-only copy of `array`."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


def _frozen(numbers: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(numbers))


@dataclass(frozen=True)
class Stepped:
    """A training step is done: its number (the first is 1), each loss term, and the effective values of scheduled settings."""

    step: int
    losses: Mapping[str, float]
    effective: Mapping[str, float] = field(
        default_factory=dict
    )  # "weight" (lambda) and "lr", both after their schedules

    def __post_init__(self) -> None:
        object.__setattr__(self, "losses", _frozen(self.losses))
        object.__setattr__(self, "effective", _frozen(self.effective))


@dataclass(frozen=True)
class Changed:
    """A setting changed; `step` is the first step with the new value."""

    step: int
    name: str
    old: float | str | bool
    new: float | str | bool


@dataclass(frozen=True, eq=False)
class Regions:
    """What a network predicts over the plane of 2-D inputs.

    grid: (g, g) int16, the class at the center of each cell, first row at the bottom. box: left, bottom, right, top.
    """

    grid: np.ndarray
    box: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "grid", read_only(np.asarray(self.grid, dtype=np.int16)))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network's output for the points of the map after `step` steps; all snapshots have the same row order.

    features: (n, d) float32. labels: (n,) int64, -1 for a point without one. predictions: (n,) int64. is_target: (n,) bool.
    numbers: accuracies and feature-space distances by name. regions: for 2-D inputs only.
    """

    step: int
    features: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    is_target: np.ndarray
    numbers: Mapping[str, float]
    regions: Regions | None = None

    def __post_init__(self) -> None:
        for name in ("features", "labels", "predictions", "is_target"):
            object.__setattr__(self, name, read_only(getattr(self, name)))
        object.__setattr__(self, "numbers", _frozen(self.numbers))


@dataclass(frozen=True, eq=False)
class Embedded:
    """Positions xy (n, 2) float32 of the points on a map, computed from the snapshot after `step` steps."""

    step: int
    xy: np.ndarray
    projection: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "xy", read_only(np.asarray(self.xy, dtype=np.float32)))


@dataclass(frozen=True)
class Failed:
    """The run failed after `step` steps; `message` states the rule, the value and a remedy."""

    step: int
    message: str


@dataclass(frozen=True)
class Finished:
    """All steps are done."""

    step: int


Fact: TypeAlias = Stepped | Changed | Snapshot | Embedded | Failed | Finished
