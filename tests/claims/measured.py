"""What a lesson's runs were measured to be: kept with versions and processor, since figures move with both.

A lesson prints these figures; the tests hold its text to the kept ones, and fresh runs to an order or a gap alone.

    TLTUTOR_MEASURE=1 python -m pytest -m claims tests/claims    # measures again what the lessons print
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from statistics import mean, pstdev
from typing import Any

from places import ROOT

from benchmarks.report import measured_on

KEPT = ROOT / "benchmarks" / "measured"
CHOSEN, FRESH = (
    (0, 1, 2),
    (10, 11),
)  # seeds that the settings were chosen on, and seeds that chose nothing
SEEDS = (*CHOSEN, *FRESH)


def tell(name: str, values: Sequence[float]) -> None:
    """The values with their spread: `pytest --log-cli-level=INFO` shows them."""
    spread = f"mean {mean(values):.3f}, standard deviation {pstdev(values):.3f}"
    logging.getLogger(__name__).info("%s: %s, %s", name, [round(v, 3) for v in values], spread)


def keep(lesson: str, name: str, values: Sequence[float]) -> list[float]:
    """Tell the values of SEEDS; where a measurement was asked for, keep them as what this lesson prints."""
    tell(name, values)
    if os.environ.get("TLTUTOR_MEASURE"):
        whole = _read(lesson)
        whole |= {"measured_with": measured_on(), "seeds": list(SEEDS)}
        whole.setdefault("figures", {})[name] = [round(float(v), 4) for v in values]
        _file(lesson).write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    return list(values)


def kept(lesson: str, name: str, seeds: Sequence[int] = CHOSEN) -> list[float]:
    """A kept figure of these seeds; a text speaks of CHOSEN where it names no other."""
    whole = _read(lesson)
    return [whole["figures"][name][whole["seeds"].index(seed)] for seed in seeds]


def shown(lesson: str, name: str) -> str:
    """A kept figure as a text prints it: .83, the mean of CHOSEN."""
    return short(mean(kept(lesson, name)))


def spread(lesson: str, name: str) -> str:
    """A kept figure with its standard deviation over CHOSEN: .83 ± .02."""
    return f"{shown(lesson, name)} ± {short(pstdev(kept(lesson, name)))}"


def short(value: float) -> str:
    """A number as a text prints it: .83, 1.00."""
    return f"{value:.2f}".removeprefix("0")


def with_what(lesson: str) -> str:
    """The version of torch and the processor that a text names beside its figures."""
    found = _read(lesson)["measured_with"]
    return f"torch {found['torch']}, {found['processor']}"


def _file(lesson: str) -> Any:
    return KEPT / f"lesson_{lesson[:2]}.json"


def _read(lesson: str) -> dict[str, Any]:
    file = _file(lesson)
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found
