"""A lesson's own cells, run without a screen: its boards are trained headless, for any seed, and tell their last numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

import tltutor
from tltutor.events import Stepped
from tltutor.experiment import Experiment
from tltutor.lessons.wording import script


@dataclass(frozen=True)
class Run:
    """A finished run: the numbers of a look at its start and its end, held-out accuracies, and the losses of each step."""

    start: dict[str, float]
    end: dict[str, float]
    accuracy: dict[str, float]
    losses: list[dict[str, float]] = field(repr=False)

    @property
    def target(self) -> float:
        return self.accuracy["target_accuracy"]

    @property
    def source(self) -> float:
        return self.accuracy["source_accuracy"]


def trained(pair: Any, objective: Any, **options: Any) -> Run:
    """What `tl.Lab` with these arguments would train; those of the screen are left out."""
    for name in ("name", "hide", "simple", "diagnose", "speed", "projection", "budget"):
        options.pop(name, None)
    own = ("network", "seed", "pair_options", "network_options", "values")
    shape = {"network": "auto", "seed": 0} | {n: options.pop(n) for n in own if n in options}
    session = Experiment(
        pair, objective, projection="pca", session_options=options, **shape
    ).build()
    start = dict(session.snapshot().numbers)
    losses = [dict(fact.losses) for fact in session if isinstance(fact, Stepped)]
    return Run(start, dict(session.snapshot().numbers), session.evaluate(), losses)


def cells(lesson: str) -> list[str]:
    """The sources of the lesson's code cells."""
    return [cell.code for cell in script(lesson).cells if cell.code]


def space(lesson: str, seed: int, *marks: str) -> dict[str, Any]:
    """The names that the cells with these marks in them make, in the lesson's order, with another seed and boards that train."""
    lab = SimpleNamespace(
        **{
            name: getattr(tltutor, name)
            for name in tltutor.__all__
            if name not in ("Lab", "Compare")
        },
        Lab=trained,
        Compare=lambda *runs, **_: runs,
    )
    names: dict[str, Any] = {"tl": lab, "torch": torch, "np": np, "math": math}
    for source in cells(lesson):
        if any(mark in source for mark in marks):
            own = [
                line
                for line in source.splitlines()
                if not re.search(
                    r"\.unlocks\(|lessons?\.|^lesson$|^(import|from) tltutor (as|import)", line
                )
            ]
            exec(re.sub(r"\bseed = 0\b", f"seed = {seed}", "\n".join(own)), names)  # noqa: S102 - our own text
    return names
