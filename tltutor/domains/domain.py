"""Domain and DomainPair: arrays with names, checked once; they know no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Domain:
    """Examples of one domain.

    x: images (n, channels, height, width), uint8 0..255 or float32 in 0..1, or vectors (n, d) float32.
    y: (n,) integer labels 0..k-1, or None where there are none. class_names: k names, "0".."k-1" if not given.
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _checked_x(self.name, self.x))
        if self.y is not None:
            object.__setattr__(self, "y", _checked_y(self.name, self.y, len(self.x)))
        names = tuple(map(str, self.class_names)) or _default_names(self.y)
        object.__setattr__(self, "class_names", names)
        if self.y is not None and len(self.y) and int(self.y.max()) >= len(names):
            raise ValueError(
                f"labels of domain {self.name!r} must lie between 0 and {len(names) - 1} ({len(names)} class names),"
                f" got {int(self.y.max())}: add the missing class names or mend the labels"
            )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example: (channels, height, width) or (d,)."""
        return self.x.shape[1:]

    @property
    def is_image(self) -> bool:
        return self.x.ndim == 4

    def take(self, rows: np.ndarray, name: str | None = None) -> Domain:
        """The domain of these rows (indices or a mask), in this order."""
        y = None if self.y is None else self.y[rows]
        return Domain(name or self.name, self.x[rows], y, self.class_names)

    def without_labels(self) -> Domain:
        return replace(self, y=None)


def _checked_x(name: str, x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim not in (2, 4):
        raise ValueError(
            f"x of domain {name!r} must have shape (n, d) or (n, channels, height, width), got {x.shape}:"
            " add a channel axis to grey images with x[:, None]"
        )
    if len(x) == 0:
        raise ValueError(f"domain {name!r} must hold at least one example, got none")
    if x.ndim == 4 and x.shape[1] not in (1, 3):
        raise ValueError(
            f"images of domain {name!r} must have 1 or 3 channels, got shape {x.shape}:"
            " move the channels to the second axis with x.transpose(0, 3, 1, 2)"
        )
    return _checked_values(name, x)


def _checked_values(name: str, x: np.ndarray) -> np.ndarray:
    if x.dtype == np.uint8:
        if x.ndim == 2:
            x = x.astype(np.float32)
    elif np.issubdtype(x.dtype, np.floating) or np.issubdtype(x.dtype, np.integer) or x.dtype == bool:
        x = x.astype(np.float32)
        broken = ~np.isfinite(x).reshape(len(x), -1).all(axis=1)
        if broken.any():
            raise ValueError(
                f"x of domain {name!r} must be finite, got NaN or infinity in {int(broken.sum())} of {len(x)} examples"
                f" (the first is number {int(broken.argmax())}): remove or mend them"
            )
        if x.ndim == 4 and (x.min() < 0 or x.max() > 1):
            raise ValueError(
                f"float images of domain {name!r} must lie in 0..1, got {x.min():g}..{x.max():g}: divide by 255 or pass uint8"
            )
    else:
        raise TypeError(f"x of domain {name!r} must be numbers (uint8 or float), got dtype {x.dtype}")
    x = x.view()
    x.flags.writeable = False
    return x


def _checked_y(name: str, y: np.ndarray, n: int) -> np.ndarray:
    y = np.asarray(y)
    if y.shape != (n,):
        raise ValueError(f"y of domain {name!r} must have shape ({n},), one label an example, got {y.shape}")
    if not np.issubdtype(y.dtype, np.integer):
        if not (np.issubdtype(y.dtype, np.floating) and np.isfinite(y).all() and (y == np.floor(y)).all()):
            raise TypeError(f"y of domain {name!r} must be integers 0..k-1, got dtype {y.dtype}")
    y = y.astype(np.int64)
    if len(y) and y.min() < 0:
        raise ValueError(f"labels of domain {name!r} must be 0 or more, got {y.min()}: use y=None for unlabelled examples")
    y.flags.writeable = False
    return y


def _default_names(y: np.ndarray | None) -> tuple[str, ...]:
    return () if y is None or not len(y) else tuple(str(k) for k in range(int(y.max()) + 1))


@dataclass(frozen=True, eq=False)
class DomainPair:
    """A labelled source, a target whose labels nobody may train on, and held-out parts that only judge.

    `target.y` may be known (embedded pairs know it): `blind()` is what training gets to see.
    `target_labelled` holds a few target examples whose labels may be used, disjoint from `target`.
    """

    source: Domain
    target: Domain
    target_test: Domain | None = None
    source_test: Domain | None = None
    target_labelled: Domain | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.source.y is None:
            raise ValueError(f"the source {self.source.name!r} must be labelled, got y=None")
        if not self.name:
            object.__setattr__(self, "name", f"{self.source.name}->{self.target.name}")
        for domain in self.domains():
            _check_alike(self.source, domain)
        _check_classes(self)

    def domains(self) -> Sequence[Domain]:
        """All domains that the pair holds."""
        every = (self.source, self.target, self.target_test, self.source_test, self.target_labelled)
        return tuple(d for d in every if d is not None)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.source.class_names

    @property
    def shape(self) -> tuple[int, ...]:
        return self.source.shape

    def blind(self) -> DomainPair:
        """The pair without the labels of the target and without what only judges: all that training may see."""
        return replace(self, target=self.target.without_labels(), target_test=None, source_test=None)

    def with_target_labels(self, k: int, seed: int = 0) -> DomainPair:
        """The pair with k labelled target examples a class, drawn by seed and taken out of the target."""
        if self.target.y is None:
            raise ValueError(f"k labels a class need a target with labels, and {self.target.name!r} has none: give Domain(..., y)")
        smallest = int(np.bincount(self.target.y, minlength=len(self.class_names)).min())
        if not 1 <= k < smallest:
            raise ValueError(f"k must be between 1 and {smallest - 1}, the smallest target class less one, got {k}")
        rng = np.random.default_rng(seed)
        classes = range(len(self.class_names))
        chosen = np.concatenate([rng.permutation(np.flatnonzero(self.target.y == c))[:k] for c in classes])
        rest = np.setdiff1d(np.arange(len(self.target)), chosen)
        return replace(self, target=self.target.take(rest), target_labelled=self.target.take(chosen))

    def target_only(self) -> DomainPair:
        """The ceiling: the target's own labels as source. Only to judge how much there was to gain."""
        if self.target.y is None:
            raise ValueError(f"the target-only ceiling needs a target with labels, and {self.target.name!r} has none")
        return replace(self, source=self.target, source_test=None, name=f"{self.target.name} alone")


def _check_alike(a: Domain, b: Domain) -> None:
    if a.shape != b.shape:
        raise ValueError(f"all domains of a pair must have examples of one shape, got {a.shape} in {a.name!r} and {b.shape} in {b.name!r}")
    if b.class_names and a.class_names != b.class_names and (b.y is not None):
        raise ValueError(
            f"all domains of a pair must name the same classes in the same order, got {list(a.class_names)} in {a.name!r}"
            f" and {list(b.class_names)} in {b.name!r}: give both class_names=…"
        )


def _check_classes(pair: DomainPair) -> None:
    """A class without a source example cannot be learnt."""
    assert pair.source.y is not None
    counts = np.bincount(pair.source.y, minlength=len(pair.class_names))
    if (counts == 0).any():
        missing = [pair.class_names[c] for c in np.flatnonzero(counts == 0)]
        raise ValueError(
            f"every class must have an example in the source {pair.source.name!r}, got none of {missing}:"
            " add examples or drop the class from class_names"
        )
