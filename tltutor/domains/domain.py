"""Domain and DomainPair: arrays with names, checked once; they know no torch."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, eq=False, repr=False)
class Domain:
    """Examples of one domain.

    x: images (n, channels, height, width), uint8 0..255 or float32 in 0..1, or vectors (n, d) float32.
    y: (n,) integer labels 0..k-1, or None where there are none. class_names: k names, "0".."k-1" if not given.
    origin: (n,) number of the domain that each example comes from where several were `joined`, or None.
    texts: the n texts that vectors were made from, for people to read; empty where there are none.
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    origin: np.ndarray | None = None
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _checked_x(self.name, self.x))
        if self.origin is not None:
            object.__setattr__(self, "origin", _checked_y(f"{self.name} (origin)", self.origin, len(self.x)))
        if self.y is not None:
            object.__setattr__(self, "y", _checked_y(self.name, self.y, len(self.x)))
        names = tuple(map(str, self.class_names)) or _default_names(self.y)
        object.__setattr__(self, "class_names", names)
        object.__setattr__(self, "texts", _checked_texts(self.name, self.texts, len(self.x)))
        if self.y is not None and len(self.y) and int(self.y.max()) >= len(names):
            raise ValueError(
                f"labels of domain {self.name!r} must lie between 0 and {len(names) - 1} ({len(names)} class names),"
                f" got {int(self.y.max())}: add the missing class names or mend the labels"
            )

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        what = "images" if self.is_image else "vectors"
        labels = "no labels" if self.y is None else f"{len(self.class_names)} classes"
        return f"Domain({self.name!r}: {len(self)} {what} {' x '.join(map(str, self.shape))} {self.x.dtype}, {labels})"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example: (channels, height, width) or (d,)."""
        return self.x.shape[1:]

    @property
    def is_image(self) -> bool:
        return self.x.ndim == 4

    def take(self, rows: np.ndarray, name: str | None = None) -> Domain:
        """The domain of these rows (indices or a mask), in this order."""
        y, origin = (None if part is None else part[rows] for part in (self.y, self.origin))
        texts = tuple(self.texts[row] for row in np.arange(len(self))[rows]) if self.texts else ()
        return Domain(name or self.name, self.x[rows], y, self.class_names, origin, texts)

    def without_labels(self) -> Domain:
        return replace(self, y=None)

    @classmethod
    def joined(cls, *domains: Domain, name: str = "") -> Domain:
        """Several labeled domains as one, for instance several sources; `origin` says which example is whose, from 0 on."""
        if not domains or any(d.y is None or d.class_names != domains[0].class_names for d in domains):
            told = [f"{d.name!r} with {'no labels' if d.y is None else list(d.class_names)}" for d in domains]
            raise ValueError(f"domains that are joined must have labels of the same class_names, got {', '.join(told) or 'none'}")
        x, y = np.concatenate([d.x for d in domains]), np.concatenate([d.y for d in domains if d.y is not None])
        origin = np.repeat(np.arange(len(domains)), [len(d) for d in domains])
        texts = tuple(text for d in domains for text in d.texts) if all(d.texts for d in domains) else ()
        return cls(name or "+".join(d.name for d in domains), x, y, domains[0].class_names, origin, texts)

    @classmethod
    def from_folder(
        cls, path: str | Path, *, size: int = 64, class_names: Sequence[str] | None = None, name: str | None = None
    ) -> Domain:
        """Images (n, 3, size, size) uint8 from path/CLASS/IMAGE; see `tltutor.domains.folders.domain_from_folder`."""
        from tltutor.domains.folders import domain_from_folder

        return domain_from_folder(path, size=size, class_names=class_names, name=name)

    @classmethod
    def from_texts(
        cls,
        name: str,
        texts: Sequence[str],
        y: np.ndarray | Sequence[int] | None = None,
        *,
        class_names: Sequence[str] = (),
        **size: int,
    ) -> Domain:
        """Texts as vectors of hashed words (n, 2^bits); `size` is bits and ngrams, see `tltutor.domains.sentences.domain_from_texts`."""
        from tltutor.domains.sentences import domain_from_texts

        return domain_from_texts(name, texts, y, class_names=class_names, **size)


def _checked_x(name: str, x: Any) -> np.ndarray:
    try:
        x = np.asarray(x)
    except ValueError as error:  # rows of unequal length
        raise ValueError(
            f"x of domain {name!r} must be one array with examples of one shape ({error}): bring all to one size"
        ) from None
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
    if not np.issubdtype(y.dtype, np.integer) and not _whole(y):
        raise TypeError(
            f"y of domain {name!r} must be integers 0..k-1, got dtype {y.dtype}:"
            " number the classes, for example with np.unique(y, return_inverse=True)"
        )
    y = y.astype(np.int64)
    if len(y) and y.min() < 0:
        raise ValueError(f"labels of domain {name!r} must be 0 or more, got {y.min()}: use y=None for unlabeled examples")
    y.flags.writeable = False
    return y


def _checked_texts(name: str, texts: Sequence[str], n: int) -> tuple[str, ...]:
    if texts and (isinstance(texts, str) or len(texts) != n):
        got = "one string" if isinstance(texts, str) else f"{len(texts)} for {n} examples"
        raise ValueError(f"texts of domain {name!r} must be one string an example, got {got}: give as many as x has rows, or none")
    return tuple(map(str, texts))


def _whole(y: np.ndarray) -> bool:
    return np.issubdtype(y.dtype, np.floating) and bool(np.isfinite(y).all() and (y == np.floor(y)).all())


def _default_names(y: np.ndarray | None) -> tuple[str, ...]:
    return () if y is None or not len(y) else tuple(str(k) for k in range(int(y.max()) + 1))


@dataclass(frozen=True, eq=False, repr=False)
class DomainPair:
    """A labeled source, a target whose labels nobody may train on, and held-out parts that only judge.

    `target.y` may be known (embedded pairs know it): `blind()` is what training gets to see.
    `target_labeled` holds a few target examples whose labels may be used, disjoint from `target`.
    """

    source: Domain
    target: Domain
    target_test: Domain | None = None
    source_test: Domain | None = None
    target_labeled: Domain | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.source.y is None:
            raise ValueError(f"the source {self.source.name!r} must be labeled, got y=None")
        if not self.name:
            object.__setattr__(self, "name", f"{self.source.name}->{self.target.name}")
        for part in ("target", "target_test", "source_test", "target_labeled"):
            domain = getattr(self, part)
            if domain is not None:
                _check_part(self.source, domain, part)
                object.__setattr__(self, part, _named_alike(self.source, domain))
        _check_classes(self)

    def __repr__(self) -> str:
        names = ("source", "target", "target_test", "source_test", "target_labeled")
        parts = [f"  {name} = {getattr(self, name)!r}," for name in names if getattr(self, name) is not None]
        return "\n".join([f"DomainPair({self.name!r},", *parts, ")"])

    def domains(self) -> Sequence[Domain]:
        """All domains that the pair holds."""
        every = (self.source, self.target, self.target_test, self.source_test, self.target_labeled)
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
        """The pair with k labeled target examples a class, drawn by seed and taken out of the target."""
        if self.target.y is None:
            raise ValueError(f"k labels a class need a target with labels, and {self.target.name!r} has none: give Domain(..., y)")
        classes, counts = np.unique(self.target.y, return_counts=True)
        most = int(counts.min()) - 1
        if most < 1:
            raise ValueError(
                f"every target class must have at least 2 examples, one of them to stay unlabeled, got {counts.min()}:"
                " give more of it"
            )
        if k not in range(1, most + 1):
            raise ValueError(f"k must be a whole number between 1 and {most}, the smallest target class less one, got {k!r}")
        rng = np.random.default_rng(seed)
        chosen = np.concatenate([rng.permutation(np.flatnonzero(self.target.y == c))[: int(k)] for c in classes])
        rest = np.setdiff1d(np.arange(len(self.target)), chosen)
        return replace(self, target=self.target.take(rest), target_labeled=self.target.take(chosen))

    def target_only(self) -> DomainPair:
        """The ceiling: the target's own labels as source. Only to judge how much there was to gain."""
        if self.target.y is None:
            raise ValueError(f"the target-only ceiling needs a target with labels, and {self.target.name!r} has none")
        return replace(self, source=self.target, source_test=None, name=f"{self.target.name} alone")


def _check_part(source: Domain, domain: Domain, part: str) -> None:
    """That the part has examples of the source's shape and, unless it is the target, labels."""
    if source.shape != domain.shape:
        raise ValueError(
            f"all domains of a pair must have examples of one shape, got {source.shape} in {source.name!r}"
            f" and {domain.shape} in {domain.name!r}: resize one side,"
            " or give grey images three channels with np.repeat(x, 3, axis=1)"
        )
    if part != "target" and domain.y is None:
        raise ValueError(f"{part} must be labeled, got y=None in {domain.name!r}: give Domain(..., y), or leave {part} out")


def _named_alike(source: Domain, domain: Domain) -> Domain:
    """The domain under the source's class names, where it has none of its own and its labels fit."""
    if domain.class_names == source.class_names:
        return domain
    own = domain.class_names != _default_names(domain.y)
    if own or len(domain.class_names) > len(source.class_names):
        raise ValueError(
            f"all domains of a pair must name the same classes in the same order, got {list(source.class_names)}"
            f" in {source.name!r} and {list(domain.class_names)} in {domain.name!r}: give both the same class_names=…"
        )
    return replace(domain, class_names=source.class_names)


def _check_classes(pair: DomainPair) -> None:
    """A class without a source example cannot be learnt; one without a target example makes a partial label set."""
    missing = _absent(pair.source, pair.class_names)
    if missing and pair.source is not pair.target:  # the target-only ceiling needs no class that the target never shows
        raise ValueError(
            f"every class must have an example in the source {pair.source.name!r}, got none of {missing}:"
            " add examples or drop the class from class_names"
        )
    unseen = _absent(pair.target, pair.class_names)
    if unseen and not missing:
        warnings.warn(
            f"the target {pair.target.name!r} shows none of the classes {unseen}: aligning the whole source"
            " to it can do harm (partial domain adaptation); drop these classes from the source if they cannot occur",
            UserWarning,
            stacklevel=4,  # the line that makes the pair
        )


def _absent(domain: Domain, class_names: tuple[str, ...]) -> list[str]:
    """The classes of which the domain is known to show none."""
    if domain.y is None:
        return []
    counts = np.bincount(domain.y, minlength=len(class_names))
    return [class_names[c] for c in np.flatnonzero(counts == 0)]
