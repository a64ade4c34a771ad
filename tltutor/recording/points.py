"""What the points of a map are and which run they belong to; stored once, next to the frames with their positions."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.events import read_only
from tltutor.language import mark
from tltutor.thumbnails import thumbnails

if TYPE_CHECKING:
    from tltutor.training.session import Session

FEW = 8  # coordinates of a vector that are stored: a tooltip has no room for more


@dataclass(frozen=True, eq=False)
class Points:
    """The points, in the row order of every snapshot, and the run that they belong to.

    labels: (n,) int64, -1 for a point without one. is_target: (n,) bool. class_names; domain_names: (source, target).
    images: thumbnails (n, c, h, w) uint8, the first coordinates (n, d <= 8) float32 of vectors, or None. Images and vectors of
    any size and type are converted; sentences (n,) given as images become `texts`.
    about: the experiment as JSON can hold it: pair, objective, seed, settings, versions and more. board: what a board draws
    around the map, likewise: "stages" and "around" of the network (`Session.outline`) and the declared "settings"; may be empty.
    Errors: ValueError unless all of them have one row per point.
    """

    labels: np.ndarray
    is_target: np.ndarray
    class_names: tuple[str, ...] = ()
    domain_names: tuple[str, ...] = ("source", "target")
    images: np.ndarray | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    board: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        labels, is_target = np.asarray(self.labels, np.int64), np.asarray(self.is_target, bool)
        rows = {
            len(labels),
            *(len(part) for part in (self.images, self.texts or None) if part is not None),
        }
        if labels.ndim != 1 or is_target.shape != labels.shape or len(rows) > 1:
            shapes = f"{labels.shape}, {is_target.shape} and {None if self.images is None else np.shape(self.images)}"
            raise ValueError(
                f"labels, is_target and images must have one row per point, got shapes {shapes}: take the same rows"
            )
        names = [str(name) for name in self.class_names] or [
            str(i) for i in range(int(labels.max(initial=-1)) + 1)
        ]
        sentences = (
            self.images if self.images is not None and np.ndim(self.images) == 1 else self.texts
        )
        made = {
            "labels": read_only(labels),
            "is_target": read_only(is_target),
            "class_names": tuple(names),
            "domain_names": tuple(str(name) for name in self.domain_names),
            "images": _small(self.images),
            "texts": tuple(str(text) for text in sentences),
            "about": _frozen(self.about),
            "board": _frozen(self.board),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, session: Session, **about: Any) -> Points:
        """Return the points of a session's snapshots and a description of its run; `about` adds to it, e.g. projection="tsne"."""
        look, pair = session.snapshot_points, session.pair
        run = {
            "pair": pair.name,
            "objective": session.objective.name,
            "network": session.network.name,
            "device": str(session.device),
            "seed": session.seed,
            "steps": session.steps,
            "settings": {
                **session.values,
                "batch_size": session.batch_size,
                "batchnorm": session.batchnorm,
            },
            "target_labels": _labels_used(session.objective.batches),
            "versions": versions(),
        }
        names = (pair.source.name, pair.target.name)
        return cls(
            look.labels,
            look.is_target,
            tuple(pair.class_names),
            names,
            images=look.shown,
            about={**run, **about},
            board={**session.outline, "settings": [asdict(s) for s in session.settings]},
        )


def _labels_used(batches: Collection[str]) -> str:
    """Return what target labels were used for, from the batches that the objective uses."""
    few, none = mark("a few trained it, the others only judge"), mark("used only to judge")
    return few if "labeled" in batches else none


def versions() -> dict[str, str]:
    """Return the versions of tltutor, Python, torch and NumPy, which determine what a run computes."""
    from tltutor import __version__

    found = {"tltutor": __version__, "python": platform.python_version()}
    for name in ("torch", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _small(images: np.ndarray | None) -> np.ndarray | None:
    """Return thumbnails of images, the first coordinates of vectors, None of anything else."""
    if images is None or np.ndim(images) not in (2, 4):
        return None
    if np.ndim(images) == 2:
        return read_only(np.asarray(images)[:, :FEW].astype(np.float32))
    return read_only(thumbnails(np.asarray(images)))


def _frozen(about: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy that JSON can hold and nobody can change."""
    return MappingProxyType(json.loads(json.dumps(dict(about), default=_plain)))


def _plain(value: Any) -> Any:
    """Convert a value that JSON does not know: a NumPy number to a number, anything else to a string."""
    return value.item() if isinstance(value, np.generic) else str(value)
