"""Pairs for methods for several sources, or for a target without some classes. No label selects anything."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from tltutor.domains import Domain, DomainPair
from tltutor.domains.shifts import apply_shifts

SECOND = {"blur": 1.0, "contrast": 0.4}  # changes to the second source
FEW = 5  # the classes that are left in the target


def two_sources(pair: DomainPair, seed: int) -> DomainPair:
    """Return half of the source unchanged and the other half blurred and faded, as two sources; the target does not change."""
    source, half = pair.source, len(pair.source) // 2
    other = source.take(np.arange(half, len(source)), f"faded {source.name}")
    x = other.x / np.float32(255) if other.x.dtype == np.uint8 else other.x
    faded = Domain(
        other.name, apply_shifts(x, SECOND, seed=seed).clip(0, 1), other.y, other.class_names
    )
    first = replace(
        source.take(np.arange(half)),
        x=source.x[:half] / np.float32(255) if source.x.dtype == np.uint8 else source.x[:half],
    )
    return replace(pair, source=Domain.joined(first, faded), name=f"{pair.name}, two sources")


def half_the_classes(pair: DomainPair, seed: int) -> DomainPair:  # noqa: ARG001 - every change has this signature
    """Return the pair with only the first FEW classes in the target and its test part; the source keeps all classes."""
    few, few_test = _first_classes(pair.target), _first_classes(pair.target_test)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "the target .* shows none of the classes", UserWarning
        )  # intended here
        return replace(
            pair, target=few, target_test=few_test, name=f"{pair.name}, half the classes"
        )


def _first_classes(domain: Domain | None) -> Domain:
    if domain is None or domain.y is None:
        raise ValueError(
            "a target with fewer classes needs labels, got none: take a pair with target labels"
        )
    return domain.take(domain.y < FEW)
