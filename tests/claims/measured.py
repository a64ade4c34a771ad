"""What a lesson's runs were measured to be: kept with versions and processor, since figures move with both.

A lesson's text is rendered from the kept figures; the tests hold fresh runs to an order or a gap alone.

    TLTUTOR_MEASURE=1 python -m pytest -m claims tests/claims    # measures again what the lessons print
    tltutor render                                               # prints it
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from statistics import mean, pstdev
from typing import Any

import pytest

from benchmarks.report import measured_on
from tltutor.lessons import measured as kept
from tltutor.lessons.folders import find_folder
from tltutor.lessons.measured import FILE

FRESH = (10, 11)  # seeds that chose nothing
ALL = (*kept.CHOSEN, *FRESH)
# `make test` trains one seed of each kind (TLTUTOR_SEEDS=few), everything else all: the same claims, in less than half the time.
FEW = os.environ.get("TLTUTOR_SEEDS") == "few"
SEEDS = (kept.CHOSEN[0], FRESH[0]) if FEW else ALL
CHOSEN = tuple(seed for seed in SEEDS if seed in kept.CHOSEN)  # that the settings were chosen on
every_seed = pytest.mark.slow  # for a claim about all seeds together


def tell(name: str, values: Sequence[float]) -> None:
    """The values with their spread: `pytest --log-cli-level=INFO` shows them."""
    spread = f"mean {mean(values):.3f}, standard deviation {pstdev(values):.3f}"
    logging.getLogger(__name__).info("%s: %s, %s", name, [round(v, 3) for v in values], spread)


def keep(
    lesson: str, name: str, values: Sequence[float], seeds: Sequence[int] = SEEDS
) -> list[float]:
    """Tell the values of these seeds; where a measurement was asked for, keep them as what this lesson prints."""
    tell(name, values)
    if os.environ.get("TLTUTOR_MEASURE"):
        whole = _read(lesson)
        whole |= {"measured_with": measured_on(), "seeds": list(seeds)}
        whole.setdefault("figures", {})[name] = [round(float(v), 4) for v in values]
        _file(lesson).write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    return list(values)


def _file(lesson: str) -> Any:
    return find_folder(lesson).path / FILE


def _read(lesson: str) -> dict[str, Any]:
    file = _file(lesson)
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found
