"""A lesson's claims as data: figures of its runs, and the limits that they or their differences keep; it trains nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from statistics import fmean
from typing import Any

from tltutor.lessons.measured import short
from tltutor.settings import check_name

FILE = "claims.toml"
Limits = tuple[float, float]
ANY: Limits = (-inf, inf)


@dataclass(frozen=True)
class Figure:
    """A number of a board's run: one of its last snapshot, or `loss NAME`, a term's mean over the last 50 steps.

    changes: arguments in place of the board's; `mistake = false` fixes a board with a mistake.
    """

    name: str
    board: str
    number: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A figure, or its difference to another one, keeps limits on each seed, on average, or both.

    times: how often the other figure is subtracted; with limits from 0 on, the figure is at least so many times the other.
    """

    figure: str
    over: str = ""
    times: float = 1.0
    each: Limits = ANY
    mean: Limits = ANY

    @property
    def subject(self) -> str:
        """What the claim is about."""
        other = self.over if self.times == 1 else f"{self.times:g} · {self.over}"
        return f"{self.figure} − {other}" if self.over else self.figure

    def values(self, figures: Mapping[str, Sequence[float]]) -> list[float]:
        """Return the figure's values, or the differences, seed by seed."""
        if not self.over:
            return list(figures[self.figure])
        both = zip(figures[self.figure], figures[self.over], strict=True)
        return [a - self.times * b for a, b in both]

    def objection(self, figures: Mapping[str, Sequence[float]]) -> str:
        """Return why these figures break the claim, in one sentence; "" if they keep it."""
        values = self.values(figures)
        for what, found, limits in (
            ("on each seed", values, self.each),
            ("on average", [fmean(values)], self.mean),
        ):
            if not all(limits[0] <= value <= limits[1] for value in found):
                said = ", ".join(f"{value:.3f}" for value in found)
                return f"{self.subject} must be {between(limits)} {what}, got {said}"
        return ""


def between(limits: Limits) -> str:
    """Return the limits in words."""
    low, high = limits
    if high == inf:
        return f"at least {short(low)}"
    return f"at most {short(high)}" if low == -inf else f"from {short(low)} to {short(high)}"


@dataclass(frozen=True)
class Claims:
    """All that a lesson claims of its runs."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    def objections(self, figures: Mapping[str, Sequence[float]]) -> list[str]:
        """Return a sentence for each claim that these figures break."""
        return [said for claim in self.claims if (said := claim.objection(figures))]


def read_claims(folder: Path) -> Claims:
    """Return the claims of the lesson in this folder; none if it has no claims.toml. Errors: ValueError, in one sentence."""
    path, where = folder / FILE, f"{folder.name}/{FILE}"
    if not path.is_file():
        return Claims()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        figures = {name: Figure(name, **t) for name, t in table.get("figures", {}).items()}
        claims = tuple(_claim(t, figures) for t in table.get("claims", ()))
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{where}: a figure has board, number and changes, a claim figure, over, times, each and mean, got: {error}"
        ) from error
    return Claims(figures, claims)


def _claim(table: Mapping[str, Any], figures: Mapping[str, Figure]) -> Claim:
    limits = {name: (table[name][0], table[name][1]) for name in ("each", "mean") if name in table}
    claim = Claim(**{**table, **limits})
    for name in (claim.figure, claim.over) if claim.over else (claim.figure,):
        check_name(name, figures, what="figure")
    if not limits:
        raise ValueError(f"no limits for {claim.subject!r}")
    return claim
