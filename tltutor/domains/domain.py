"""A domain: examples with labels and names, checked once; it knows no torch."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tltutor import checks
from tltutor.checks import Form, listed
from tltutor.domains import boxes, folders, hashing, tokens
from tltutor.settings import check_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

Record = TypeVar("Record")
NOUNS = {"image": "images", "vector": "vectors", "tokens": "texts of tokens"}


@dataclass(frozen=True, eq=False, repr=False)
class Domain:
    """Examples of one domain.

    x: images (n, channels, height, width), uint8 0..255 or float32 in 0..1; vectors (n, d) float32; or token ids
    (n, length) int64. Arrays, nested lists, torch tensors and DataFrames are taken, see `checks.as_examples`.
    y: (n,) integer labels 0..k-1, or None where there are none. class_names: k names, "0".."k-1" if not given. y may also
    hold the classes' names (strings): they become numbers in the order of class_names, or sorted if that is not given.
    For images y may be boxes: torchvision's targets, one mapping an image with "boxes" (m, 4) as x1, y1, x2, y2 in pixels and
    "labels" (m,). They are kept as (n, m, 5) float32, corners and class number; rows of label -1 hold no box.
    domain_id: (n,) number of the domain that each example comes from where several were `joined`, or None.
    texts: the n texts that vectors were made from, for people to read; empty where there are none.
    kind: "image", "vector" or "tokens"; if not given, 4-D x are images and 2-D x are vectors.
    mask: for tokens (n, length) bool, True where there is a token and False at padding; None elsewhere. Default: all True.
    spans: for tokens with texts (n, length, 2), where the word that a token is of begins and ends in its text, 0, 0 for none; or None.
    columns: names of the d features, taken from a DataFrame; empty where there are none.
    Errors: TypeError and ValueError with a remedy for what is none of this.
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    domain_id: np.ndarray | None = None
    texts: tuple[str, ...] = ()
    kind: str = ""
    mask: np.ndarray | None = None
    columns: tuple[str, ...] = ()
    spans: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(
                f"a domain's name must be a string, got a {type(self.name).__name__}: write Domain('name', x, y)"
            )
        name, given = (
            checks.readable(self.name),
            list(self.x) if isinstance(self.x, Iterator) else self.x,
        )
        what = f"x of domain {name!r}"
        kind = check_name(self.kind, checks.KINDS, what="kind of domain") if self.kind else ""
        x = checks.as_examples(given, what=what, kind=kind or None)
        if not len(x):
            raise ValueError(f"domain {name!r} must hold at least one example, got none")
        if not kind:
            kind = "image" if x.ndim == 4 else "vector"
            _warn_of_whole_numbers(given, what)
        self._set(
            name=name, x=_read_only(x), kind=kind, mask=_checked_mask(self.mask, x, kind, name)
        )
        self._set(columns=tuple(self.columns) or checks.column_names(given))
        self._check_labels(given)
        self._set(
            texts=checks.as_texts(self.texts, what=f"texts of domain {name!r}", n=len(x))
            if len(self.texts)
            else ()
        )

    def _check_labels(self, given: Any) -> None:
        """Check class names, labels and domain ids, and store them in their own form."""
        what, n = f"y of domain {self.name!r}", len(self)
        names = checks.as_class_names(self.class_names, what=f"class_names of domain {self.name!r}")
        if self.y is not None and boxes.are_boxes(self.y):
            self._set(**self._checked_boxes(what, names))
            names = self.class_names
        elif self.y is not None:
            _check_rows(given, self.y, what)
            y, names = checks.as_classes(self.y, what=what, n=n, class_names=names)
            self._set(y=_read_only(y))
        self._set(class_names=names)
        if self.domain_id is not None:
            ids = checks.as_labels(self.domain_id, what=f"domain_id of domain {self.name!r}", n=n)
            self._set(domain_id=_read_only(ids))

    def _checked_boxes(self, what: str, names: tuple[str, ...]) -> dict[str, Any]:
        if not self.is_image:
            raise ValueError(
                f"{what} holds boxes, which belong to images, and the domain holds {NOUNS[self.kind]}: give one class an example"
            )
        size = self.shape[1:]
        y, names = boxes.as_boxes(self.y, what=what, n=len(self), size=size, class_names=names)
        return {"y": _read_only(y), "class_names": names}

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        of = "boxes of " if self.has_boxes else ""
        labels = "no labels" if self.y is None else f"{of}{len(self.class_names)} classes"
        shape = " x ".join(map(str, self.shape))
        return f"Domain({self.name!r}: {len(self)} {NOUNS[self.kind]} {shape} {self.x.dtype}, {labels})"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example: (channels, height, width), (d,) or (length,)."""
        return self.x.shape[1:]

    @property
    def form(self) -> Form:
        """What one example looks like, for `checks.as_examples(x, like=domain.form)`."""
        return Form(self.shape, self.kind, self.x.dtype, self.columns)

    @property
    def is_image(self) -> bool:
        return self.kind == "image"

    @property
    def has_boxes(self) -> bool:
        """Whether the labels are boxes: y (n, m, 5), not (n,)."""
        return self.y is not None and self.y.ndim > 1

    @property
    def targets(self) -> list[dict[str, np.ndarray]]:
        """The boxes as torchvision's targets, one mapping an image. Errors: ValueError for a domain without boxes."""
        if self.y is None or not self.has_boxes:
            raise ValueError(
                f"targets are the boxes of a domain, and {self.name!r} has none: give Domain(name, x, y) with boxes for y"
            )
        return boxes.as_targets(self.y)

    def take(self, rows: np.ndarray, name: str | None = None) -> Domain:
        """Return the domain of these rows (indices or a mask), in this order."""
        chosen = np.arange(len(self))[rows]
        if not len(chosen):
            raise ValueError(
                f"domain {name or self.name!r} must hold at least one example, got none"
            )
        parts = {part: getattr(self, part) for part in ("x", "y", "domain_id", "mask", "spans")}
        taken: dict[str, Any] = {
            part: None if a is None else _read_only(a[rows]) for part, a in parts.items()
        }
        texts = tuple(self.texts[row] for row in chosen) if self.texts else ()
        return changed(self, **taken, texts=texts, name=name or self.name)

    def keep_classes(self, names: Sequence[str]) -> Domain:
        """Return the examples of these classes, labeled 0, 1, ... in the order of `names`.

        Of images with boxes all are kept, with the boxes of these classes.
        Errors: ValueError for no labels, for an unknown class and if no example is left.
        """
        if self.y is None:
            raise ValueError(
                f"classes can be kept of a labeled domain only, and {self.name!r} has no labels: give Domain(..., y)"
            )
        kept = checks.as_class_names(names, what="the classes to keep")
        for name in kept:
            check_name(name, self.class_names, what=f"class of domain {self.name!r}")
        number = np.array([kept.index(name) if name in kept else -1 for name in self.class_names])
        y = boxes.renumbered(self.y, number)
        rows = np.arange(len(self)) if self.has_boxes else np.flatnonzero(y >= 0)
        return changed(self.take(rows), y=_read_only(y[rows]), class_names=kept)

    def without_labels(self) -> Domain:
        return changed(self, y=None)

    @classmethod
    def joined(cls, *domains: Domain, name: str = "") -> Domain:
        """Join several labeled domains into one, for instance several sources; `domain_id` says which example is whose, from 0 on.

        uint8 images beside float ones become floats in 0..1.
        Errors: ValueError for unlabeled domains, and for other class names, kinds, shapes or columns on one of them.
        """
        _check_joinable(domains)
        first = domains[0]
        whole: dict[str, Any] = {"x": np.concatenate(checks.one_dtype(*(d.x for d in domains)))}
        whole["y"] = boxes.joined([d.y for d in domains if d.y is not None])
        whole["domain_id"] = np.concatenate(_numbered(domains))
        if first.mask is not None:
            whole["mask"] = np.concatenate([d.mask for d in domains if d.mask is not None])
        known = all(d.spans is not None for d in domains)
        whole["spans"] = np.concatenate([d.spans for d in domains]) if known else None
        texts = (
            tuple(text for d in domains for text in d.texts)
            if all(d.texts for d in domains)
            else ()
        )
        parts = {part: None if a is None else _read_only(a) for part, a in whole.items()}
        columns = next((d.columns for d in domains if d.columns), ())
        return changed(
            first,
            **parts,
            texts=texts,
            columns=columns,
            name=name or "+".join(d.name for d in domains),
        )

    @classmethod
    def from_folder(
        cls,
        path: str | Path,
        *,
        size: int = 64,
        class_names: Sequence[str] | None = None,
        name: str | None = None,
    ) -> Domain:
        """Read images (n, 3, size, size) uint8 from path/CLASS/IMAGE; see `tltutor.domains.folders.read_folder`.

        name: the folder's own name if not given.
        """
        from pathlib import Path

        x, y, names = folders.read_folder(path, size=size, class_names=class_names)
        return cls(name or checks.readable(Path(path).expanduser().resolve().name), x, y, names)

    @classmethod
    def from_texts(
        cls,
        name: str,
        texts: Iterable[str],
        y: ArrayLike | None = None,
        *,
        class_names: Sequence[str] = (),
        bits: int = 11,
        ngrams: int = 1,
        tokenizer: str | Path | None = None,
        length: int = 64,
    ) -> Domain:
        """Turn texts into vectors of hashed words (n, 2^bits) float32; see `tltutor.domains.hashing.hashed_words`.

        tokenizer: turn them into token ids (n, length) instead, by the hash of each word ("words") or by a text model's
        tokenizer; see `tltutor.domains.tokens.token_ids`.
        texts: n strings, kept in `domain.texts`. y: (n,) labels 0..k-1 or names of classes, or None.
        """
        kept = checks.as_texts(texts)
        if tokenizer is not None:
            ids, mask, spans = tokens.token_ids(kept, tokenizer, length=length)
            own = {"texts": kept, "kind": "tokens", "mask": mask, "spans": spans}
            return cls(name, ids, y, tuple(class_names), **own)  # type: ignore[arg-type]
        x = hashing.hashed_words(kept, bits=bits, ngrams=ngrams)
        return cls(name, x, y, tuple(class_names), texts=kept)  # type: ignore[arg-type]


def changed(record: Record, **values: Any) -> Record:
    """Return a copy of a Domain or a DomainPair with other values, which are known to be right: nothing is checked twice."""
    other = copy.copy(record)
    for name, value in values.items():
        object.__setattr__(other, name, value)
    return other


def _read_only(array: np.ndarray) -> np.ndarray:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _checked_mask(mask: Any, x: np.ndarray, kind: str, name: str) -> np.ndarray | None:
    if kind == "tokens":
        return _read_only(checks.as_mask(mask, x.shape, what=f"mask of domain {name!r}"))
    if mask is not None:
        raise ValueError(
            f"a mask belongs to token ids, and domain {name!r} holds {NOUNS[kind]}: give kind='tokens', or no mask"
        )
    return None


def _warn_of_whole_numbers(x: Any, what: str) -> None:
    """Whole numbers of 32 bits or more, as tokenizers give them, are taken for features, but not in silence."""
    if hasattr(x, "columns"):
        return
    array = checks.as_array(x, what=what)
    if array.ndim == 2 and array.dtype.kind in "iu" and array.dtype.itemsize >= 4:
        checks.warn(
            f"{what} holds whole numbers and is taken for {array.shape[1]} features an example: give kind='tokens' for token ids,"
            " or kind='vector' for features"
        )


def _check_rows(x: Any, y: Any, what: str) -> None:
    """Refuse a table and labels that carry the same row numbers in another order: they would be matched by place."""
    if (
        not (hasattr(x, "iloc") and hasattr(y, "iloc"))
        or len(x) != len(y)
        or x.index.equals(y.index)
    ):
        return
    if set(x.index) == set(y.index):
        raise ValueError(
            f"{what} must have its rows in the order of x, and its index has another: give y.loc[x.index]"
        )


def _check_joinable(domains: Sequence[Domain]) -> None:
    for d in domains:
        if not isinstance(d, Domain):
            raise TypeError(
                f"what is joined must be domains, got a {type(d).__name__}: write Domain.joined(first, second)"
            )
    if not domains or any(d.y is None or d.class_names != domains[0].class_names for d in domains):
        got = [
            f"{d.name!r} with {'no labels' if d.y is None else listed(d.class_names)}"
            for d in domains
        ]
        raise ValueError(
            f"domains that are joined must have labels of the same class_names, got {', '.join(got) or 'none'}:"
            " label them alike, for example with domain.keep_classes(first.class_names)"
        )
    first = domains[0]
    for d in domains:
        check_same_form(first, d, "domains that are joined")
        check_same_labels(first, d, "domains that are joined")


def check_same_labels(first: Domain, other: Domain, what: str) -> None:
    """Refuse boxes beside classes of whole examples; a domain without labels goes with both."""
    if other.y is not None and first.has_boxes != other.has_boxes:
        kinds = ["boxes" if d.has_boxes else "one class an example" for d in (first, other)]
        raise ValueError(
            f"{what} must have labels of one kind, got {kinds[0]} in {first.name!r} and {kinds[1]} in {other.name!r}:"
            " label both alike, or give the target y=None"
        )


def check_same_form(first: Domain, other: Domain, what: str) -> None:
    """Refuse a domain whose examples have another kind, shape or order of columns than the first one's."""
    if first.kind != other.kind:
        raise ValueError(
            f"{what} must have examples of one kind, got {NOUNS[first.kind]} in {first.name!r} and {NOUNS[other.kind]} in"
            f" {other.name!r}: give both the same kind"
        )
    checks.check_columns(other.columns, first.columns, what=f"x of domain {other.name!r}")
    if first.shape != other.shape:
        remedy = (
            "pad the shorter ids, and mark the padding in the mask"
            if first.kind == "tokens"
            else "resize one side, or give gray images three channels with np.repeat(x, 3, axis=1)"
            if first.kind == "image"
            else "give both the same features"
        )
        raise ValueError(
            f"{what} must have examples of one shape, got {first.shape} in {first.name!r}"
            f" and {other.shape} in {other.name!r}: {remedy}"
        )


def _numbered(domains: Sequence[Domain]) -> list[np.ndarray]:
    """The domain_id of every example: what was joined before keeps its parts."""
    ids, start = [], 0
    for d in domains:
        own = np.zeros(len(d), np.int64) if d.domain_id is None else d.domain_id
        ids.append(own + start)
        start += int(own.max()) + 1
    return ids
