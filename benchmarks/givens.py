"""Pairs for methods that are made for more than one source, or for a target that lacks classes. No label is used to choose anything."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from tltutor.domains import Domain, DomainPair
from tltutor.domains.shifts import apply_shifts

SECOND = {"blur": 1.0, "contrast": 0.4}  # what is done to the second source
FEW = 5  # the classes that are left in the target


def two_sources(pair: DomainPair, seed: int) -> DomainPair:
    """Half of the source as it is, the other half (disjoint) blurred and faded, as two sources; the target stays."""
    source, half = pair.source, len(pair.source) // 2
    other = source.take(np.arange(half, len(source)), f"faded {source.name}")
    x = other.x / np.float32(255) if other.x.dtype == np.uint8 else other.x
    faded = Domain(other.name, apply_shifts(x, SECOND, seed=seed).clip(0, 1), other.y, other.class_names)
    first = replace(
        source.take(np.arange(half)), x=source.x[:half] / np.float32(255) if source.x.dtype == np.uint8 else source.x[:half]
    )
    return replace(pair, source=Domain.joined(first, faded), name=f"{pair.name}, two sources")


def half_the_classes(pair: DomainPair, seed: int) -> DomainPair:  # noqa: ARG001 - every change is called alike
    """The target, and what judges it, with its first FEW classes alone; the source keeps all of them."""
    few, few_test = _first_classes(pair.target), _first_classes(pair.target_test)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the target .* shows none of the classes", UserWarning)  # which is the point
        return replace(pair, target=few, target_test=few_test, name=f"{pair.name}, half the classes")


def _first_classes(domain: Domain | None) -> Domain:
    if domain is None or domain.y is None:
        raise ValueError("a target with fewer classes needs labels to be cut by, got none: take a pair that knows them")
    return domain.take(domain.y < FEW)
