"""A pair of domains: a labeled source and a target, alike in form and in the names of their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tltutor import checks
from tltutor.checks import Form, listed
from tltutor.domains import boxes
from tltutor.domains.domain import Domain, changed, check_same_form, check_same_labels

PARTS = ("source", "target", "target_test", "source_test", "target_labeled")


@dataclass(frozen=True, eq=False, repr=False)
class DomainPair:
    """A labeled source, a target whose labels are hidden from training, and held-out parts that only judge.

    `target.y` may be known (embedded pairs know it): `blind()` is what training gets to see.
    `target_labeled` holds a few target examples whose labels may be used, disjoint from `target`.
    All parts get the source's class names, matched by name, and one dtype.
    Errors: TypeError for what is no Domain; ValueError for other shapes, kinds, columns or class names in one part.
    Warns (UserWarning) about classes that the target lacks, and about features or images of an unusual scale.
    """

    source: Domain
    target: Domain
    target_test: Domain | None = None
    source_test: Domain | None = None
    target_labeled: Domain | None = None
    name: str = ""

    def __post_init__(self) -> None:
        for part, domain in {"source": self.source, "target": self.target, **self._parts()}.items():
            if not isinstance(domain, Domain):
                raise TypeError(
                    f"{part} must be a Domain, got a {type(domain).__name__}: write Domain('name', x, y)"
                )
        if self.source.y is None:
            raise ValueError(
                f"the source {self.source.name!r} must be labeled, got y=None: give Domain(..., y)"
            )
        for part, domain in self._parts().items():
            check_same_form(self.source, domain, "all domains of a pair")
            check_same_labels(self.source, domain, "all domains of a pair")
            if part != "target" and domain.y is None:
                raise ValueError(
                    f"{part} must be labeled, got y=None in {domain.name!r}: give Domain(..., y), or leave {part} out"
                )
            self._set(**{part: _named_alike(self.source, domain)})
        self._set(name=checks.readable(self.name or f"{self.source.name}->{self.target.name}"))
        _check_classes(self)
        self._set(**_one_dtype(self._parts()))
        _warn_of_scale(self)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _parts(self) -> dict[str, Domain]:
        return {part: getattr(self, part) for part in PARTS if getattr(self, part) is not None}

    def __repr__(self) -> str:
        lines = [f"  {part} = {domain!r}," for part, domain in self._parts().items()]
        return "\n".join([f"DomainPair({self.name!r},", *lines, ")"])

    def domains(self) -> Sequence[Domain]:
        """All domains that the pair holds."""
        return tuple(self._parts().values())

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.source.class_names

    @property
    def has_boxes(self) -> bool:
        """Whether the labels are boxes and not one class an example."""
        return self.source.has_boxes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return self.source.shape

    @property
    def kind(self) -> str:
        """Kind of the examples: "image", "vector" or "tokens"."""
        return self.source.kind

    @property
    def form(self) -> Form:
        """What one example looks like, for `checks.as_examples(x, like=pair.form)`."""
        return self.source.form._replace(columns=self.source.columns or self.target.columns)

    def blind(self) -> DomainPair:
        """Return the pair without the target's labels and without what only judges: all that training may see."""
        return changed(
            self, target=self.target.without_labels(), target_test=None, source_test=None
        )

    def with_target_labels(self, k: int, seed: int = 0) -> DomainPair:
        """Return the pair with k labeled target examples a class, drawn by seed and taken out of the target.

        Of boxes: k images that show the class, and one image may serve several.
        Draws are nested: with one seed, those of a larger k contain those of a smaller one.
        Errors: ValueError for a target without labels, a pair that has labeled target examples already, or k out of bounds.
        """
        if self.target.y is None:
            raise ValueError(
                f"k labels a class need a target with labels, and {self.target.name!r} has none: give Domain(..., y)"
            )
        if self.target_labeled is not None:
            raise ValueError(
                f"the pair {self.name!r} has labeled target examples already, {len(self.target_labeled)} of them:"
                " draw from the pair without them"
            )
        y = self.target.y
        classes = np.unique(boxes.class_numbers(y))
        counts = np.array([boxes.shows(y, c).sum() for c in classes])
        most = int(counts.min()) - 1
        if most < 1:
            raise ValueError(
                f"every target class must have at least 2 examples, one of them to stay unlabeled, got {counts.min()}:"
                " give more of it"
            )
        if isinstance(k, bool) or k not in range(1, most + 1):
            raise ValueError(
                f"k must be a whole number between 1 and {most}, the smallest target class less one, got {k!r}"
            )
        rng = np.random.default_rng(seed)
        orders = [
            rng.permutation(np.flatnonzero(boxes.shows(y, c))) for c in classes
        ]  # whole, so that draws are nested
        chosen = np.concatenate([order[: int(k)] for order in orders])
        chosen = chosen[np.sort(np.unique(chosen, return_index=True)[1])]
        rest = np.setdiff1d(np.arange(len(self.target)), chosen)
        return changed(self, target=self.target.take(rest), target_labeled=self.target.take(chosen))

    def target_only(self) -> DomainPair:
        """Return the ceiling: the target's own labels as source. Only to judge how much there was to gain."""
        if self.target.y is None:
            raise ValueError(
                f"the target-only ceiling needs a target with labels, and {self.target.name!r} has none: give Domain(..., y)"
            )
        if not self.target.has_boxes:
            checks.check_two_classes(self.target.y, what=f"the target {self.target.name!r}")
        return changed(self, source=self.target, source_test=None, name=f"{self.target.name} alone")


def _one_dtype(parts: dict[str, Domain]) -> dict[str, Domain]:
    """The parts with examples of one dtype, so that batches and maps can join them."""
    arrays = checks.one_dtype(*(domain.x for domain in parts.values()))
    return {
        part: domain if x is domain.x else replace(domain, x=x)
        for (part, domain), x in zip(parts.items(), arrays, strict=True)
    }


def _warn_of_scale(pair: DomainPair) -> None:
    for domain in (pair.source, pair.target):
        advice = checks.scale_advice(domain.x)
        if advice:
            checks.warn(
                f"the domain {domain.name!r} has an unusual scale, and networks train badly on it: {advice}"
            )
            return


# Classes, matched by their names


def _named_alike(source: Domain, domain: Domain) -> Domain:
    """The domain under the source's class names, its labels renumbered where the names stand in another order.

    Names that were given are compared as names. A domain without names ("0", "1", ...) is matched by name where the source
    has these numbers for names, and by place where the source has words.
    """
    ours, theirs = source.class_names, domain.class_names
    if theirs == ours:
        return domain
    if domain.y is None:
        return replace(domain, class_names=ours)
    shown = [theirs[k] for k in np.unique(boxes.class_numbers(domain.y))]
    by_name = {_number(name): k for k, name in enumerate(ours)}
    numbered = _is_default(theirs) or _is_default(ours)
    if all(_number(name) in by_name for name in shown) and (numbered or _same_order(ours, theirs)):
        label = np.array([by_name.get(_number(name), -1) for name in theirs])
        return replace(domain, y=boxes.renumbered(domain.y, label), class_names=ours)
    if (
        _is_default(theirs)
        and not any(_number(name) in by_name for name in theirs)
        and len(theirs) <= len(ours)
    ):
        return replace(
            domain, class_names=ours
        )  # the source's names are words: label k is its class k
    raise ValueError(
        _names_text(source, domain, [name for name in shown if _number(name) not in by_name])
    )


def _is_default(names: tuple[str, ...]) -> bool:
    return names == tuple(map(str, range(len(names))))


def _number(name: str) -> str:
    """The name, as a plain number if it is one: "07" as "7"."""
    return str(int(name)) if name.isdecimal() else name


def _same_order(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether the names that both have come in one order."""
    return [name for name in ours if name in theirs] == [name for name in theirs if name in ours]


def _names_text(source: Domain, domain: Domain, extra: list[str]) -> str:
    """Why the domain's classes cannot be matched with the source's, and what to do."""
    ours, theirs = source.class_names, domain.class_names
    common = [name for name in ours if name in theirs]
    rule = (
        f"all domains of a pair must name the same classes in the same order, got {listed(ours)} in {source.name!r}"
        f" and {listed(theirs)} in {domain.name!r}"
    )
    if not extra:
        return f"{rule}: bring one to the other's order with domain.keep_classes({list(common) if len(common) < 20 else 'names'})"
    alike = {"".join(name.casefold().split()) for name in ours} >= {
        "".join(name.casefold().split()) for name in extra
    }
    if alike:
        return f"{rule}: the names differ in case or spaces only, give both the same class_names"
    number_only = _is_default(theirs) and not _is_default(ours)
    if not common or (number_only and len(theirs) <= len(ours)):
        return f"{rule}: give both the same class_names"
    return _only_in(domain, source, [name for name in extra if name not in ours])


def _only_in(domain: Domain, source: Domain, extra: list[str]) -> str:
    kept = [name for name in domain.class_names if name not in extra]
    return (
        f"every class must have a source example, and {listed(extra)} in {domain.name!r} have none in {source.name!r}: leave"
        f" these examples out with domain.keep_classes({kept if len(kept) <= checks.NAMED else 'names'}), or give"
        " the target without labels (y=None)"
    )


def _check_classes(pair: DomainPair) -> None:
    """Refuse classes without a source example and a source of one class; warn of classes without a target example."""
    missing = _absent(pair.source, pair.class_names)
    if (
        missing and pair.source is not pair.target
    ):  # the target-only ceiling needs no class that the target never shows
        for domain in pair.domains():
            extra = [
                name
                for name in missing
                if domain.y is not None and name not in _absent(domain, pair.class_names)
            ]
            if extra:
                raise ValueError(_only_in(domain, pair.source, extra))
        kept = [name for name in pair.class_names if name not in missing]
        raise ValueError(
            f"every class must have an example in the source {pair.source.name!r}, got none of {listed(missing)}: add examples,"
            f" or drop the class with source.keep_classes({kept if len(kept) <= checks.NAMED else 'names'})"
        )
    if pair.source.y is not None and not pair.has_boxes:
        checks.check_two_classes(pair.source.y, what=f"the source {pair.source.name!r}")
    unseen = _absent(pair.target, pair.class_names)
    if unseen and not missing:
        checks.warn(
            f"the target {pair.target.name!r} shows none of the classes {listed(unseen)}: aligning the whole source"
            " to it can do harm (partial domain adaptation); if they cannot occur, drop them from the source"
            " with source.keep_classes(names)"
        )


def _absent(domain: Domain, class_names: tuple[str, ...]) -> list[str]:
    """The classes of which the domain is known to show none."""
    if domain.y is None:
        return []
    counts = np.bincount(boxes.class_numbers(domain.y), minlength=len(class_names))
    return [class_names[c] for c in np.flatnonzero(counts == 0)]
