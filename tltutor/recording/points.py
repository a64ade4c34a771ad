"""What the points of a map are and which run they are of: told once, beside the frames that tell where they were."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.events import read_only
from tltutor.thumbnails import thumbnails

if TYPE_CHECKING:
    from tltutor.training.session import Session

FEW = 8  # coordinates of a vector that are kept: a tooltip has room for no more


@dataclass(frozen=True, eq=False)
class Points:
    """The points, rows as in every look, and what was run.

    labels (n,) int64 with -1 where a point has none, is_target (n,) bool, class_names, domain_names (source, target).
    images: thumbnails (n, c, h, w) uint8, or the first coordinates (n, d <= 8) float32 of vectors, or None; images and vectors
    of any size and type are made so, and sentences (n,) given as images become `texts`. about: the experiment in words and
    numbers, as JSON can hold it: pair, objective, seed, settings, versions and what else is known.
    """

    labels: np.ndarray
    is_target: np.ndarray
    class_names: tuple[str, ...] = ()
    domain_names: tuple[str, ...] = ("source", "target")
    images: np.ndarray | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        labels, is_target = np.asarray(self.labels, np.int64), np.asarray(self.is_target, bool)
        rows = {len(labels), *(len(told) for told in (self.images, self.texts or None) if told is not None)}
        if labels.ndim != 1 or is_target.shape != labels.shape or len(rows) > 1:
            shapes = f"{labels.shape}, {is_target.shape} and {None if self.images is None else np.shape(self.images)}"
            raise ValueError(f"labels, is_target and images must have a row a point, got shapes {shapes}: take the same rows")
        names = [str(name) for name in self.class_names] or [str(i) for i in range(int(labels.max(initial=-1)) + 1)]
        sentences = self.images if self.images is not None and np.ndim(self.images) == 1 else self.texts
        made = {
            "labels": read_only(labels),
            "is_target": read_only(is_target),
            "class_names": tuple(names),
            "domain_names": tuple(str(name) for name in self.domain_names),
            "images": _small(self.images),
            "texts": tuple(str(text) for text in sentences),
            "about": MappingProxyType(json.loads(json.dumps(dict(self.about), default=_plain))),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, session: Session, **about: Any) -> Points:
        """The points that a session looks at, and what it runs; `about` adds to that, for instance projection="tsne"."""
        look, pair = session.snapshot_points, session.pair
        told = {
            "pair": pair.name,
            "objective": session.objective.name,
            "network": session.network.name,
            "device": str(session.device),
            "seed": session.seed,
            "steps": session.steps,
            "settings": {**session.values, "batch_size": session.batch_size, "batchnorm": session.batchnorm},
            "target_labels": _labels_used(session.objective.batches),
            "versions": versions(),
        }
        names = (pair.source.name, pair.target.name)
        return cls(look.labels, look.is_target, tuple(pair.class_names), names, images=look.shown, about={**told, **about})


def _labels_used(batches: Collection[str]) -> str:
    """What target labels were good for, from the batches that the objective uses."""
    return "a few trained it, the others only judge" if "labeled" in batches else "used only to judge"


def versions() -> dict[str, str]:
    """The versions that decide what a run computes."""
    from tltutor import __version__

    found = {"tltutor": __version__, "python": platform.python_version()}
    for name in ("torch", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _small(images: np.ndarray | None) -> np.ndarray | None:
    """Thumbnails of images, the first coordinates of vectors, nothing of anything else."""
    if images is None or np.ndim(images) not in (2, 4):
        return None
    if np.ndim(images) == 2:
        return read_only(np.asarray(images)[:, :FEW].astype(np.float32))
    return read_only(thumbnails(np.asarray(images)))


def _plain(value: Any) -> Any:
    """A value that JSON does not know: a NumPy number as a number, anything else as its words."""
    return value.item() if isinstance(value, np.generic) else str(value)
