"""Bankruptcy: ratios of Polish companies five years before the outcome, and of others one year before."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tltutor.domains.by_hand import BANKRUPTCY_MINI, RATIOS
from tltutor.domains.formats import read_arff, read_npz
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import find_set, unreadable
from tltutor.domains.tables import Table, clipped, filled, pair_of_tables, standardized

if TYPE_CHECKING:
    from pathlib import Path

OUTCOMES = ("solvent", "bankrupt")
FILES = {5: "1year", 1: "5year"}  # years before the outcome: the file of the forecasting period
SOLVENT = 1500  # of each file: about 6000 are published, beside 271 and 410 bankrupt ones
HELD_OUT = 0.3  # share of each side that judges
COLUMNS = tuple(f"X{k}" for k in range(1, RATIOS + 1))  # as published: X1 is profit by assets


def years_before(*, data_dir: str | Path | None, seed: int) -> DomainPair:
    """Build companies five years before they went bankrupt or did not, and others one year before; 30 % of each side judge.

    64 ratios (Zieba, Tomczak & Tomczak, 2016), cut at the source's 1st and 99th percentile. Gaps are filled by medians of the
    source's training part, which also gives the scale.
    """
    root = find_set("bankruptcy", data_dir)
    return pair_of_tables(
        Table("5 years before", *read_companies(root, 5)),
        Table("1 year before", *read_companies(root, 1)),
        _prepared,
        class_names=OUTCOMES,
        columns=COLUMNS,
        held_out=HELD_OUT,
        seed=seed,
    )


def _prepared(train: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    whole = filled(train, train, *parts)
    return standardized(*clipped(whole[0], *whole))


@lru_cache(maxsize=4)
def read_companies(root: Path, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Read ratios (n, 64), NaN where there is none, and 0 solvent or 1 bankrupt (n,): all bankrupt companies and 1500 others."""
    name = FILES[years]
    published, mini = root / "bankruptcy" / f"{name}.arff", root / BANKRUPTCY_MINI
    path = published if published.is_file() else mini
    try:
        if path == published:
            whole = read_arff(path, RATIOS + 1)
            x, y = _fewer(whole[:, :-1], whole[:, -1].astype(np.int64))
        else:
            x, y = read_npz(path, f"x_{name}", f"y_{name}")
        if x.shape != (len(y), RATIOS) or set(np.unique(y)) != {0, 1}:
            raise ValueError(f"it must hold {RATIOS} ratios of companies of both outcomes")
    except Exception as error:
        raise unreadable("bankruptcy", path, error) from error
    x, y = x.astype(np.float64), y.astype(np.int64)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def _fewer(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw SOLVENT companies of those that stayed solvent, always the same ones."""
    solvent = np.flatnonzero(y == 0)
    drawn = np.random.default_rng(0).permutation(solvent)[:SOLVENT]
    rows = np.sort(np.concatenate([drawn, np.flatnonzero(y == 1)]))
    return x[rows], y[rows]
