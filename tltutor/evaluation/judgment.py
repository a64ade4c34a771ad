"""What methods answered for held-out target examples, seed by seed, as tables: accuracy, calibration, gains, classes found."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from tltutor.evaluation.gain import Gain, paired_gain
from tltutor.language import mark, tr
from tltutor.metrics import accuracy, balanced_accuracy, calibration_error, confusion_matrix
from tltutor.settings import check_name

Answers: TypeAlias = tuple[np.ndarray, np.ndarray]  # probabilities (n, k), labels (n,)


def _accuracy(p: np.ndarray, y: np.ndarray) -> float:
    return float(accuracy(p.argmax(1), y))


def _balanced(p: np.ndarray, y: np.ndarray) -> float:
    return float(balanced_accuracy(p.argmax(1), y))


def _calibration(p: np.ndarray, y: np.ndarray) -> float:
    return float(calibration_error(p, y))


MEASURES: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    mark("accuracy"): _accuracy,
    mark("balanced accuracy"): _balanced,
    mark("calibration error"): _calibration,
}
ROWS = tuple(  # names that tables share
    map(mark, ("source only", "largest source class", "few labels", "source + few labels"))
)
CHOSEN = mark(
    "{seeds} seeds, each with its own split; mean ± standard deviation. Judged on held-out target examples, at the last step;"
    " no setting was chosen on target labels. Gain: in {measure}, over {first}, with its 95 % interval."
)
FEW = mark("* also trained on {k} labeled target examples of each class.")


class Text(str):
    """A text that a notebook shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Judgment:
    """Each row's answers, one for a seed; printed, they are a table.

    labeled: the rows that also saw `k` labeled target examples of each class. measure: the number by which gains are told.
    """

    answers: Mapping[str, tuple[Answers, ...]]
    seeds: tuple[int, ...]
    class_names: tuple[str, ...]
    labeled: tuple[str, ...] = ()
    k: int = 0
    measure: str = "accuracy"

    @property
    def first(self) -> str:
        """The row that the others are compared with."""
        return next(iter(self.answers))

    def of(self, row: str) -> tuple[Answers, ...]:
        """Return a row's answers. Errors: ValueError for an unknown row."""
        return self.answers[check_name(row, self.answers, what="row")]

    def values(self, row: str, measure: str = "") -> list[float]:
        """Return a row's numbers, one a seed; the measure is one of MEASURES."""
        found = MEASURES[check_name(measure or self.measure, MEASURES, what="measure")]
        return [found(p, y) for p, y in self.of(row)]

    def gain(self, row: str) -> Gain:
        """Return what the row adds to the first one, paired by seed."""
        own, first = (
            dict(zip(self.seeds, self.values(name), strict=True)) for name in (row, self.first)
        )
        return paired_gain(own, first)

    def reliability(self, *rows: str, bins: int = 5) -> Text:
        """Return a table: of answers of each confidence, all seeds together, the share that is right, and how many they are.

        A calibrated row has shares within their bins. rows: all of them if none is named.
        """
        edges = np.linspace(0, 1, bins + 1)
        table = [[tr("confidence"), *(f"{a:.1f} – {b:.1f}" for a, b in pairwise(edges))]]
        for row in rows or self.answers:
            p, y = (np.concatenate(part) for part in zip(*self.of(row), strict=True))
            place, right = np.searchsorted(edges[1:-1], p.max(1)), p.argmax(1) == y
            cells = [_share(right[place == b]) for b in range(bins)]
            table.append([tr(row), *cells])
        return Text("\n".join(_aligned(table)))

    def recalls(self, *rows: str) -> Text:
        """Return a table of the share of each class that is found: the mean over seeds, and in brackets the least."""
        table = [[tr("share found"), *self.class_names]]
        for row in rows or self.answers:
            found = np.array([class_recalls(p, y) for p, y in self.of(row)])
            table.append([tr(row), *(_found(column[~np.isnan(column)]) for column in found.T)])
        return Text("\n".join(_aligned(table)))

    def __repr__(self) -> str:
        head = ["", *map(tr, MEASURES), tr("gain")]
        about = tr(CHOSEN, seeds=len(self.seeds), measure=tr(self.measure), first=tr(self.first))
        notes = [about, *([tr(FEW, k=self.k)] if self.labeled else [])]
        return "\n".join([*_aligned([head, *map(self._line, self.answers)]), "", *notes])

    def _line(self, row: str) -> list[str]:
        name = tr(row) + ("*" if row in self.labeled else "")
        numbers = [_spread(self.values(row, measure)) for measure in MEASURES]
        return [name, *numbers, "" if row == self.first else self._gain(row)]

    def _gain(self, row: str) -> str:
        gain = self.gain(row)
        interval = "" if gain.low is None else f" [{gain.low:+.2f}, {gain.high:+.2f}]"
        return f"{gain.mean:+.2f}{interval} {tr(gain.verdict)}"


def class_recalls(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return, of each class, the share of its examples that is found: (k,), NaN for a class without an example."""
    shares = confusion_matrix(p.argmax(1), y, n_classes=p.shape[1], share_of="true")
    return np.asarray(shares.diagonal())


def _share(right: np.ndarray) -> str:
    return f"{right.mean():.2f} ({len(right)})" if len(right) else "–"


def _found(shares: np.ndarray) -> str:
    return f"{shares.mean():.2f} ({shares.min():.2f})" if len(shares) else "–"


def _spread(values: list[float]) -> str:
    sd = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.2f}{sd}"


def _aligned(rows: list[list[str]]) -> list[str]:
    """Return the rows as lines whose columns stand below one another."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(w + " " * (n - _width(w)) for w, n in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(word: str) -> int:
    """Return how many columns a word takes: a Chinese character takes two."""
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in word)
