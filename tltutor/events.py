"""The facts that a session yields: frozen records of numbers and read-only arrays; they know no torch, thread or screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np

PartKind: TypeAlias = Literal["stage", "head", "objective"]
PART_KINDS: tuple[PartKind, ...] = ("stage", "head", "objective")
SCORES = ("_accuracy", "_AP")  # end the names of a domain's scores, 0 to 1, among the numbers
JUDGE = "judge "  # begins the names of the label-free judges among the numbers of a snapshot; more is better for each


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


@dataclass(frozen=True)
class Pull:
    """How strongly task and transfer pull at one part, as norms of their gradients.

    part: name of a stage, "head", or of a part that the objective trains, such as "discriminator"; kind says which of these.
    trains: True: the gradients are by the part's parameters that train. False: by its outputs, because nothing in it trains.
    task, transfer: L2 norms, 0 where a term does not reach. cosine: of the angle between both gradients, NaN if one is 0;
    below 0 they pull against each other.
    """

    part: str
    kind: PartKind
    trains: bool
    task: float
    transfer: float
    cosine: float


@dataclass(frozen=True, eq=False)
class Flow:
    """What pulls where in the network, and what is true of each point; measured with a snapshot if it is asked for.

    pulls: of the stages in order, the head, and the objective's parts. separation: accuracy of a linear domain probe on each
    stage's output, by name, .5 to 1; by chance it stays below the snapshot's number "domain_probe_null_high".
    Of each point, in the rows of the snapshot: confidence (n,) float32, its largest probability; losses (n,) float32, the
    cross-entropy in nats, NaN without a label (those of the target only judge); opinions (n,) float32, P(target) by the
    method's discriminator, None without one.
    fields: for 2-D inputs, the class that each stage's output is nearest to over the plane, by the stage's name.
    The frames of a recording keep all but the fields; a file keeps pulls and separation alone.
    """

    pulls: tuple[Pull, ...]
    separation: Mapping[str, float]
    confidence: np.ndarray | None = None
    losses: np.ndarray | None = None
    opinions: np.ndarray | None = None
    fields: Mapping[str, Regions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("confidence", "losses", "opinions"):
            array = getattr(self, name)
            object.__setattr__(
                self, name, None if array is None else read_only(np.asarray(array, np.float32))
            )
        object.__setattr__(self, "separation", _frozen(self.separation))
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def without_fields(self) -> Flow:
        """Return all but the fields, which are large."""
        return replace(self, fields={}) if self.fields else self

    def without_points(self) -> Flow:
        """Return the few numbers alone, without what is kept for each point."""
        return Flow(self.pulls, self.separation)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network's output for the points of the map after `step` steps; all snapshots have the same row order.

    features: (n, d) float32. labels: (n,) int64, -1 for a point without one. predictions: (n,) int64. is_target: (n,) bool.
    numbers: accuracies and feature-space distances by name. regions: for 2-D inputs only. flow: if it was asked for.
    weights: (n,) float32, how much each source point counts in the task's loss, 1 on average over the source, NaN for a target
    point; None where all count alike. plan: (k, 3) float32, the largest entries of a transport plan between the points, each a
    source row, a target row and a share of the mass; None without a plan.
    """

    step: int
    features: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    is_target: np.ndarray
    numbers: Mapping[str, float]
    regions: Regions | None = None
    flow: Flow | None = None
    weights: np.ndarray | None = None
    plan: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("features", "labels", "predictions", "is_target"):
            object.__setattr__(self, name, read_only(getattr(self, name)))
        for name in ("weights", "plan"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, read_only(np.asarray(array, np.float32)))
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
