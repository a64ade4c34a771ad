"""Measure a training step: DANN, MMD and CORAL on lenet at 64 + 64, against a loop written by hand and skada, in one run.

`python -m benchmarks.steps` takes about two minutes of one core, and resumes where it was stopped. It needs skada and skorch:
`pip install -e ".[bench]"`.
The sides alternate step by step, and processor time is measured, so that other programs have little influence.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import peers, report
from benchmarks.ledger import Ledger
from tltutor.classical import build_method
from tltutor.machine.bench.headless import load_digits

COMMAND = "python -m benchmarks.steps"
TURNS, WARM = 40, 5
POINTS = 2000  # of each domain
SLOW = {"kmm": 10.0, "kliep": 10.0, "tca": 10.0}  # classical method -> seconds allowed for a fit
LAID_OUT = "skada, channels last"
BOUNDS = {
    "skada": 1.0,
    LAID_OUT: 0.0,
    "by hand": 0.95,
    "by hand, joint": 0.95,
}  # lowest allowed speed of ours over the other; 0: reported only
AGAINST = {
    "skada": "ours, joint",
    LAID_OUT: "ours, joint",
    "by hand": "ours",
    "by hand, joint": "ours, joint",
}
INTRODUCTION = """\
Processor milliseconds of a training step: lenet with BatchNorm, 28 x 28 color images, {batch} + {batch} examples, SGD with
momentum, one thread. The sides alternate step by step, {turns} times; we report the lower quartile, because background load only slows
runs down. *Speed over* is the other's time over ours: above 1 we are faster. skada sends both domains through the network as one batch,
so we compare it with our joint forward pass. Most of our lead is the memory layout: with ours (channels last, by
`net.module_.to(memory_format=…)`), skada has the row below.

    {command}
"""


def turns(
    sides: Mapping[str, Callable[[], Any]], count: int = TURNS, warm: int = WARM
) -> dict[str, list[float]]:
    """Return processor seconds of each side's steps; every turn has one step of each, starting with another side."""
    for _ in range(warm):
        for step in sides.values():
            step()
    found: dict[str, list[float]] = {name: [] for name in sides}
    order = itertools.cycle(sides)
    for _ in range(count):
        for name in itertools.islice(order, len(sides)):
            start = time.process_time()
            sides[name]()
            found[name].append(time.process_time() - start)
        next(order)
    return found


def speed_over(ours: Sequence[float], other: Sequence[float]) -> float:
    """Return the other's time over ours, each the lower quartile of its turns."""
    return undisturbed(other) / undisturbed(ours)


def undisturbed(times: Sequence[float]) -> float:
    """Return the lower quartile."""
    return statistics.quantiles(times, n=4)[0]


def steps_of(method: str) -> dict[str, Any]:
    """Return milliseconds of every side, and the speed of ours over each other."""
    pair = load_digits()
    sides = {
        "ours": peers.ours(method, pair, "separate"),
        "ours, joint": peers.ours(method, pair, "joint"),
        "by hand": peers.by_hand(method, pair, "separate"),
        "by hand, joint": peers.by_hand(method, pair, "joint"),
        "skada": peers.skada_step(method, pair),
        LAID_OUT: peers.skada_step(method, pair, channels_last=True),
    }
    found = turns(sides)
    return {
        "ms": {name: round(1000 * undisturbed(times), 2) for name, times in found.items()},
        "speed_over": {
            other: round(speed_over(found[mine], found[other]), 3)
            for other, mine in AGAINST.items()
        },
    }


def classical_seconds(name: str) -> dict[str, Any]:
    """Return processor seconds and warnings of one fit on two Gaussians of ten dimensions, one unit apart."""
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(POINTS, 10)), rng.normal(size=(POINTS, 10)) + 1 / np.sqrt(10)
    start = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        build_method(name).fit(xs, np.arange(POINTS) % 2, target=xt)
    return {
        "seconds": round(time.process_time() - start, 2),
        "bound": SLOW[name],
        "warned": sorted({str(t.message) for t in caught}),
    }


def missed(result: Mapping[str, Any]) -> list[str]:
    """Return a text for each missed bound."""
    slow = [
        f"{method} over {other}: {ratio:.2f}, wanted {BOUNDS[other]:.2f}"
        for method, one in result["steps"].items()
        for other, ratio in one["speed_over"].items()
        if ratio < BOUNDS[other]
    ]
    return slow + [
        f"{n}: {one['seconds']} s, wanted {one['bound']}"
        for n, one in result["fits"].items()
        if one["seconds"] > one["bound"]
    ]


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report: both tables, and the missed bounds."""
    steps, fits = result["steps"], result["fits"]
    sides = list(next(iter(steps.values()))["ms"])
    rows = [[side, *(f"{one['ms'][side]:.1f}" for one in steps.values())] for side in sides]
    ratios = [
        [
            f"{AGAINST[other]} over {other}",
            *(f"{one['speed_over'][other]:.2f}" for one in steps.values()),
            f"{bound:.2f}" if bound else "–",
        ]
        for other, bound in BOUNDS.items()
    ]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    head = INTRODUCTION.format(turns=TURNS, batch=peers.BATCH, command=COMMAND)
    parts = ["# The speed of a step", "", head, report.table(["ms", *steps], rows), ""]
    parts += [report.table(["speed over", *steps, "at least"], ratios), ""]
    parts += [f"Seconds of a fit on {POINTS} + {POINTS} points of ten dimensions:", ""]
    parts += [
        report.table(
            ["", "s", "at most"],
            [[n, f"{one['seconds']:.1f}", f"{one['bound']:.0f}"] for n, one in fits.items()],
        ),
        "",
    ]
    late = missed(result)
    parts += [
        "**Missed**: " + "; ".join(late) + "." if late else "Every bound is met.",
        "",
        f"Measured with {versions}.",
    ]
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, one method at a time, and write the report; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument(
        "--ledger",
        type=Path,
        default=report.PARTIAL / "steps.jsonl",
        help="remove it to measure again",
    )
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    about = {"turns": TURNS, "batch": peers.BATCH, "threads": 1, "points": POINTS}
    here = report.circumstances((*report.PACKAGES, "skada", "skorch"))
    ledger = Ledger(arguments.ledger, about | here)
    steps = {
        method: ledger.measure({"step": method}, partial(steps_of, method))
        for method in peers.METHODS
    }
    fits = {name: ledger.measure({"fit": name}, partial(classical_seconds, name)) for name in SLOW}
    result = {"command": COMMAND} | about | here | {"steps": steps, "fits": fits}
    report.write("steps", result, as_text(result), arguments.out)
    return 1 if missed(result) else 0


if __name__ == "__main__":
    sys.exit(main())
