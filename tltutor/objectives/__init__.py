"""The objectives: one idea, one file, its formula inside; here they get their names."""

from __future__ import annotations

from typing import Any

from tltutor.objectives.coral import CORAL
from tltutor.objectives.dann import DANN
from tltutor.objectives.fine_tune import FineTune
from tltutor.objectives.l2sp import L2SP
from tltutor.objectives.mmd import MMD
from tltutor.objectives.objective import Glance, Labelled, Objective, Phase
from tltutor.objectives.source_only import SourceOnly
from tltutor.settings import check_name

OBJECTIVES: dict[str, type[Objective]] = {c.name: c for c in (SourceOnly, FineTune, MMD, CORAL, DANN, L2SP)}


def objective_names() -> tuple[str, ...]:
    """Names of all objectives."""
    return tuple(OBJECTIVES)


def find_objective(name: str) -> type[Objective]:
    """The class of this name, or a ValueError with the nearest known names."""
    return OBJECTIVES[check_name(name, OBJECTIVES, what="objective")]


def build_objective(name: str, **settings: Any) -> Objective:
    """A new objective by name with these settings."""
    return find_objective(name)(**settings)


__all__ = [
    "CORAL",
    "DANN",
    "L2SP",
    "MMD",
    "OBJECTIVES",
    "FineTune",
    "Glance",
    "Labelled",
    "Objective",
    "Phase",
    "SourceOnly",
    "build_objective",
    "find_objective",
    "objective_names",
]
