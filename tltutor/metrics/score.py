"""What a score that chooses among models tells about itself: its name, its paper, what it needs, where it fails."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tltutor.settings import check_name


@dataclass(frozen=True)
class Score:
    """A number by which models, methods or sources are ranked: higher is better, for every score.

    function: a pure function of named arrays; those without a default are what the score `needs`. sign: -1 where the
    function measures a distance or a risk, so that less of it is better. Others judge the score by `title` (for people),
    `paper` (authors, year) and `limits` (one sentence: when it misleads).
    """

    name: str
    title: str
    paper: str
    limits: str
    function: Callable[..., float]
    sign: int = 1

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of what must be passed."""
        parameters = inspect.signature(self.function).parameters.values()
        return tuple(p.name for p in parameters if p.default is p.empty)

    def __call__(self, evidence: Mapping[str, Any]) -> float:
        """Return the score from what is known of a model, by name; what the function does not take is left aside.

        Raises ValueError if something that it needs is missing.
        """
        missing = [name for name in self.needs if name not in evidence]
        if missing:
            raise ValueError(
                f"{self.name} needs {', '.join(self.needs)}, got no {', '.join(missing)}: pass it, or choose a score that needs less"
            )
        taken = inspect.signature(self.function).parameters
        return self.sign * float(
            self.function(**{name: evidence[name] for name in evidence if name in taken})
        )


def scores_of(package: str, path: Iterable[str]) -> dict[str, Score]:
    """Import each file of a package and return the SCORE that it defines, if it does, by the score's name."""
    modules = (
        importlib.import_module(f"{package}.{file.name}") for file in pkgutil.iter_modules(path)
    )
    scores: list[Score] = [vars(module)["SCORE"] for module in modules if "SCORE" in vars(module)]
    return {score.name: score for score in scores}


def scored(
    scores: Mapping[str, Score], evidence: Mapping[str, Any], names: Sequence[str] = ()
) -> dict[str, float]:
    """Return the scores of these names; without names, all whose needs the evidence meets.

    Raises ValueError for an unknown name, with the nearest known ones, and if something that a named score needs is missing.
    """
    if names:
        return {name: scores[check_name(name, scores, what="score")](evidence) for name in names}
    return {
        name: score(evidence)
        for name, score in scores.items()
        if all(need in evidence for need in score.needs)
    }
