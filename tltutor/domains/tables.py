"""Pairs of tables with gaps: held-out parts, and one scale by the source alone, so that no number of the target is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.splits import split_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Table(NamedTuple):
    """Rows x (n, d) with NaN for gaps, and their labels y (n,)."""

    name: str
    x: np.ndarray
    y: np.ndarray


def pair_of_tables(
    source: Table,
    target: Table,
    prepare: Callable[..., list[np.ndarray]],
    *,
    class_names: Sequence[str],
    columns: Sequence[str],
    held_out: float,
    seed: int,
) -> DomainPair:
    """Split both tables, and bring their parts to numbers without gaps by `prepare(train, *parts)`, train being the source's.

    The source is stratified. The target is not: its labels decide nothing.
    """
    train, judged = split_rows(len(source.x), held_out, y=source.y, seed=seed)
    unlabeled, test = split_rows(len(target.x), held_out, seed=seed)
    parts = [(source, train), (target, unlabeled), (target, test), (source, judged)]
    ready = prepare(source.x[train], *(table.x[rows] for table, rows in parts))
    trained, adapted, tested, validated = (
        Domain(table.name, x, table.y[rows], tuple(class_names), columns=tuple(columns))
        for x, (table, rows) in zip(ready, parts, strict=True)
    )
    return DomainPair(trained, adapted, target_test=tested, source_test=validated)


def filled(train: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    """Return each of the parts (n, d) with its gaps (NaN) filled by the medians of the columns of `train`; 0 if it has none."""
    known = ~np.isnan(train).all(0)
    medians = np.zeros(train.shape[1])
    medians[known] = np.nanmedian(train[:, known], axis=0)
    return [np.where(np.isnan(part), medians, part) for part in parts]


def clipped(train: np.ndarray, *parts: np.ndarray, share: float = 0.01) -> list[np.ndarray]:
    """Return the parts with each column cut at the quantiles `share` and 1 - `share` of `train`, as outliers would rule its scale."""
    low, high = np.quantile(train, [share, 1 - share], axis=0)
    return [np.clip(part, low, high) for part in parts]


def standardized(train: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    """Return the parts on a scale on which `train` has mean 0 and variance 1; a column that is constant there keeps its unit."""
    mean, sd = train.mean(0), train.std(0)
    return [((part - mean) / np.where(sd > 0, sd, 1)).astype(np.float32) for part in parts]
