"""Chosen points as a small table: what they are, and what the network makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tltutor.templates import rendered

if TYPE_CHECKING:
    import pandas as pd

    from tltutor.recording import Frame
    from tltutor.training.session import Session

SHOWN = 20  # rows that are printed


@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """Points of the map, one a row; every column is an array of the same length n.

    row: (n,) int64, the point's row on the map and in every snapshot. index: (n,) int64, its row in the domain's held-out
    part, or in its training part where nothing is held out. domain: (n,) str, "source" or "target". label, prediction: (n,)
    str, class names, "" where there is none. confidence: (n,) float32, of the prediction, NaN where it was not measured.
    text: (n,) str, "" where the point is no sentence. Labels of the target only judge.
    """

    row: np.ndarray
    index: np.ndarray
    domain: np.ndarray
    label: np.ndarray
    prediction: np.ndarray
    confidence: np.ndarray
    text: np.ndarray

    @classmethod
    def of(cls, session: Session, frame: Frame | None, rows: Iterable[int]) -> Self:
        """Return these rows of a session's map, judged as at this frame; without one nothing is predicted yet."""
        points, at = session.snapshot_points, np.fromiter(rows, np.int64)
        names = np.array([*map(str, session.pair.class_names), ""])  # the last for -1
        n = len(points.labels)
        guesses = np.full(n, -1) if frame is None else frame.predictions
        flow = None if frame is None else frame.flow
        sure = None if flow is None else flow.confidence
        return cls(
            row=at,
            index=points.index[at],
            domain=np.where(points.is_target, "target", "source")[at],
            label=names[points.labels[at]],
            prediction=names[guesses[at]],
            confidence=(np.full(n, np.nan, np.float32) if sure is None else sure)[at],
            text=np.array(points.texts or [""] * n)[at],
        )

    def where(self, **values: str | Iterable[str]) -> Self:
        """Return the rows whose columns have these values, such as `where(domain="target", label=["3", "8"])`."""
        keep = np.ones(len(self), bool)
        for name, wanted in values.items():
            column = self._column(name)
            keep &= np.isin(column, [wanted] if isinstance(wanted, str) else list(wanted))
        return self._take(keep)

    @property
    def wrong(self) -> Self:
        """The labeled points that are predicted as another class."""
        known = (self.label != "") & (self.prediction != "")
        return self._take(known & (self.label != self.prediction))

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame with the same columns. Errors: ImportError without pandas."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas, which is not installed: run `pip install pandas`, or take the columns by name"
            ) from error
        return pd.DataFrame(self._columns())

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._column(name)

    def __repr__(self) -> str:
        lines = [" ".join(map(str, cells)) for cells in self._cells()]
        return "\n".join([f"{len(self)} points: {' '.join(self._names())}", *lines])

    def _repr_html_(self) -> str:
        return rendered(
            Path(__file__).with_name("selection.html.j2"),
            names=self._names(),
            rows=list(self._cells()),
            count=len(self),
            shown=SHOWN,
        )

    def _cells(self) -> Iterable[tuple[Any, ...]]:
        """The first rows as plain values, short enough to read."""
        for cells in zip(*(column[:SHOWN] for column in self._columns().values()), strict=True):
            yield tuple(f"{c:.3f}" if isinstance(c, np.floating) else c for c in cells)

    def _names(self) -> list[str]:
        return list(self._columns())

    def _columns(self) -> dict[str, np.ndarray]:
        """All columns that say something: text only where there is some."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        if not any(self.text):
            del columns["text"]
        return columns

    def _column(self, name: str) -> np.ndarray:
        known = [field.name for field in fields(self)]
        if name not in known:
            raise KeyError(f"a selection has no column {name!r}: use one of {', '.join(known)}")
        column: np.ndarray = getattr(self, name)
        return column

    def _take(self, keep: np.ndarray) -> Self:
        return type(self)(*(getattr(self, field.name)[keep] for field in fields(self)))
