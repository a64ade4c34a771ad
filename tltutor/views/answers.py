"""What a question is answered with: options to choose from, a number to type, a curve to draw. They judge nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tltutor.language import tr


class Field(Protocol):
    """A way to answer."""

    @property
    def page(self) -> dict[str, Any]:
        """What the page needs to draw it; `kind` says which it is."""
        ...

    def checked(self, answer: Any) -> Any:
        """The answer as it counts; None for what is no answer."""
        ...


@dataclass(frozen=True)
class Options:
    """Options to choose one from: the text of each, by the id that is the answer when it is chosen."""

    labels: Mapping[str, str]

    @property
    def page(self) -> dict[str, Any]:
        return {"kind": "options", "options": [[text, key] for key, text in self.labels.items()]}

    def checked(self, answer: Any) -> str | None:
        return answer if isinstance(answer, str) and answer in self.labels else None


@dataclass(frozen=True)
class Number:
    """A number to type, from `low` to `high`."""

    low: float
    high: float

    @property
    def page(self) -> dict[str, Any]:
        about = tr("A number between {low} and {high}", low=f"{self.low:g}", high=f"{self.high:g}")
        return {"kind": "number", "low": self.low, "high": self.high, "about": about}

    def checked(self, answer: Any) -> float | None:
        return float(answer) if is_number(answer) and self.low <= answer <= self.high else None


@dataclass(frozen=True)
class Sketch:
    """A curve to draw: a y from `low` to `high` for each of the xs; `words`: names of the axes x and y, what to do, what is dashed."""

    xs: Sequence[float]
    low: float
    high: float
    words: Mapping[str, str]

    @property
    def page(self) -> dict[str, Any]:
        return {
            "kind": "sketch",
            "xs": list(self.xs),
            "bounds": [self.low, self.high],
            "words": dict(self.words),
        }

    def checked(self, answer: Any) -> list[float] | None:
        if not isinstance(answer, list) or len(answer) != len(self.xs):
            return None
        if not all(map(is_number, answer)):
            return None
        return [min(max(float(y), self.low), self.high) for y in answer]


def is_number(value: Any) -> bool:
    """Whether a page's value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
