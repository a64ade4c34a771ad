"""Heart disease: patients of one hospital, and of another, with the ten columns that all four hospitals have."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tltutor.domains.by_hand import HEART_COLUMNS, HEART_MINI, HOSPITALS
from tltutor.domains.formats import read_csv
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import find_set, unreadable
from tltutor.domains.tables import Table, filled, pair_of_tables, standardized
from tltutor.settings import Setting

if TYPE_CHECKING:
    from pathlib import Path

HEALTH = ("healthy", "diseased")
HELD_OUT = 0.5  # share of each side that judges: a third of 123 patients would say little
KEPT = HEART_COLUMNS[:10]  # slope, ca and thal are missing for most patients outside Cleveland
NEVER_ZERO = [
    KEPT.index("trestbps"),
    KEPT.index("chol"),
]  # a pressure or cholesterol of 0 was not measured
KINDS = {"cp": (1, 2, 3, 4), "restecg": (0, 1, 2)}  # numbers that name kinds: a column for each
COLUMNS = tuple(f"{name} {kind}".strip() for name in KEPT for kind in KINDS.get(name, ("",)))

OPTIONS = (
    Setting(
        "source",
        "cleveland",
        scale="choice",
        choices=HOSPITALS,
        text="The hospital whose diagnoses are known.",
        live=False,
    ),
    Setting(
        "target",
        "va",
        scale="choice",
        choices=HOSPITALS,
        text="The hospital whose diagnoses are hidden.",
        live=False,
    ),
)


def hospital_to_hospital(
    *, data_dir: str | Path | None, seed: int, source: str, target: str
) -> DomainPair:
    """Build patients of two hospitals, healthy or diseased (Detrano et al., 1989); half of each side judges.

    Gaps are filled by medians of the source's training part, which also gives the scale.
    Errors: ValueError for one hospital on both sides.
    """
    if source == target:
        rest = ", ".join(name for name in HOSPITALS if name != source)
        raise ValueError(
            f"source and target must be different hospitals, got {source!r} twice: choose another target, one of {rest}"
        )
    root = find_set("heart-disease", data_dir)
    return pair_of_tables(
        Table(source, *read_patients(root, source)),
        Table(target, *read_patients(root, target)),
        _prepared,
        class_names=HEALTH,
        columns=COLUMNS,
        held_out=HELD_OUT,
        seed=seed,
    )


def _prepared(train: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    whole = [spread_kinds(part) for part in filled(train, train, *parts)]
    return standardized(*whole)


def spread_kinds(x: np.ndarray) -> np.ndarray:
    """Return KEPT columns (n, 10) as COLUMNS (n, 15): 0 or 1 for each kind of chest pain and of electrocardiogram."""
    columns = []
    for name, column in zip(KEPT, x.T, strict=True):
        columns += [column == kind for kind in KINDS[name]] if name in KINDS else [column]
    return np.stack(columns, axis=1).astype(np.float64)


@lru_cache(maxsize=8)
def read_patients(root: Path, hospital: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the KEPT columns (n, 10) of a hospital's patients, NaN where nothing was measured, and 0 healthy or 1 diseased (n,)."""
    place = HEART_MINI[HOSPITALS.index(hospital)]
    published = root / "heart_disease" / f"processed.{hospital}.data"
    path = published if published.is_file() else root / place
    try:
        table = read_csv(path, HEART_COLUMNS, header=path != published)
        if np.isnan(table[:, -1]).any():
            raise ValueError(
                f"each patient must have a num, got none in row {int(np.isnan(table[:, -1]).argmax()) + 1}"
            )
    except Exception as error:
        raise unreadable("heart-disease", path, error) from error
    x, y = table[:, : len(KEPT)].copy(), (table[:, -1] > 0).astype(np.int64)
    x[:, NEVER_ZERO] = np.where(x[:, NEVER_ZERO] == 0, np.nan, x[:, NEVER_ZERO])
    x.flags.writeable = y.flags.writeable = False
    return x, y
