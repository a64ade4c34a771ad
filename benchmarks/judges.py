"""How good is a choice without target labels? Sweeps over the embedded pairs, and what each judge's choice lacks to the oracle's.

python -m benchmarks.judges    # less than two hours of one core; a stopped run is resumed
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import report
from tltutor.domains.registry import PAIRS
from tltutor.evaluation.sweep import Plan, Running, SweepResult, Trial, plan_of
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.metrics.judges import JUDGES

METHODS = ("mmd", "coral", "dann", "cdan", "mcc", "bnm", "entropy", "pseudo-labels")
WEIGHTS = (0.1, 0.3, 1.0, 3.0)
STEPS = (100, 300)
SEEDS = (0, 1, 2, 3, 4)
PATHS = ("moons->turning-moons", "digits->turning-digits")  # made for one method
BOXES = ("clear->foggy",)  # what is judged here are classes
PAIR_NAMES = tuple(
    n for n, record in PAIRS.items() if record.embedded and n not in (*PATHS, *BOXES)
)
SMALL = {"size": 16}  # pixels, of the digits
NETWORKS = {"lenet": {"channels": (8, 16), "width": 32}, "mlp": {"width": 32}}
SESSION = {"batch_size": 32, "lr": 0.02, "device": "cpu"}
DEFAULT, RANDOM, ORACLE = "no judge: λ = 1, all steps", "no judge: drawn at random", "oracle"
COMMAND = "python -m benchmarks.judges"
PUBLISHED = {"iwcv": "3.2", "entropy": "6.5", "mixval": "9 to 12", "dev": "12.2", "snd": "16.6"}
INTRODUCTION = """\
Each of {methods} is trained on each of {pairs} embedded pairs (digits are 16 pixels wide), with λ of {weights} and {steps} steps,
{seeds} seeds: {settings} settings a cell, {cells} cells (pair and method), {runs} runs with those of source-only. In a cell, a judge
chooses the setting whose score is the best on average over the seeds, from 20 % of the source, on which no run trained, and from the
target without labels. A setting that answers one class alone is never chosen. The oracle looks at the target's labels: it is no choice.

*Regret*: what the choice lacks to the oracle's, in points of target accuracy, mean over the seeds. *Below*: in how many cells the
choice is below source-only, which trains for {longest} steps on the same part of the source and never sees a target image.
*Published*: mean regret over 32 cells of skada-bench (Lalou et al., 2024).

    {command}
"""
DIFFERENCES = """\
The figures are not those of skada-bench, because the cells are others: other data sets, methods and grids. Here the choice is among
{settings} settings that differ in λ and steps alone, on small data. So regret has to be read beside the two rows without a
judge: a judge whose regret is not below that of a draw at random has chosen nothing, however small the figure.
"""


def plan(pair: str) -> Plan:
    """Return the sweep of a pair: every method, λ and number of steps, and source-only."""
    network = "lenet" if "digits" in pair else "mlp"
    experiment = Experiment(
        pair,
        SOURCE_ONLY,
        network,
        pair_options=SMALL if network == "lenet" else {},
        network_options=NETWORKS[network],
        session_options=SESSION,
    )
    grid = {"weight": list(WEIGHTS), "steps": list(STEPS)}
    return plan_of(experiment, [SOURCE_ONLY, *METHODS], grid, seeds=SEEDS)


def cells(result: SweepResult) -> Iterator[dict[str, Any]]:
    """Yield for each method of a pair the regret of every chooser, the oracle's accuracy and that of source-only, in 0..1."""
    plain = _accuracy(result, _trial(result, SOURCE_ONLY, steps=max(STEPS)))
    for method in METHODS:
        trials = [t for t in result.trials if t.objective == method and result.accuracy(t)]
        oracle = result.oracle(method)
        best = _accuracy(result, oracle)
        chosen: dict[str, float] = {ORACLE: best}
        chosen |= {judge: _of_choice(result, method, judge) for judge in USABLE}
        chosen[DEFAULT] = _accuracy(result, _trial(result, method, weight=1.0, steps=max(STEPS)))
        chosen[RANDOM] = statistics.fmean(_accuracy(result, trial) for trial in trials)
        regret = {who: best - accuracy for who, accuracy in chosen.items()}
        yield {
            "pair": result.plan.pair_name,
            "method": method,
            "source_only": plain,
            "oracle": best,
            "regret": regret,
        }


def _of_choice(result: SweepResult, method: str, judge: str) -> float:
    """Return the accuracy of a judge's choice; where it has none to choose, that of source-only, which is what one falls back on."""
    choice = result.choice(method, judge)
    return _accuracy(result, choice or _trial(result, SOURCE_ONLY, steps=max(STEPS)))


def _trial(result: SweepResult, objective: str, **setting: Any) -> Trial:
    return next(t for t in result.trials if t.objective == objective and dict(t.setting) == setting)


def _accuracy(result: SweepResult, trial: Trial | None) -> float:
    found = None if trial is None else result.accuracy(trial)
    if found is None:
        raise ValueError("a run of the sweep diverged or is missing: run the same command again")
    return found.mean


def summary(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return all cells, and for each chooser mean and worst regret, and how often it is below source-only."""
    rows = {}
    for who in (*USABLE, DEFAULT, RANDOM, ORACLE):
        regrets = [cell["regret"][who] for cell in found]
        worst = max(found, key=lambda cell, who=who: cell["regret"][who])
        below = [
            cell for cell in found if cell["oracle"] - cell["regret"][who] < cell["source_only"]
        ]
        rows[who] = {
            "mean": statistics.fmean(regrets),
            "worst": worst["regret"][who],
            "worst_at": [worst["pair"], worst["method"]],
            "below": len(below),
            "by_pair": {
                pair: statistics.fmean(c["regret"][who] for c in found if c["pair"] == pair)
                for pair in dict.fromkeys(cell["pair"] for cell in found)
            },
        }
    return {
        "command": COMMAND,
        "design": design(),
        **report.circumstances(),
        "rows": rows,
        "cells": list(found),
    }


def design() -> dict[str, Any]:
    """Return what was run, as plain values."""
    return {
        "pairs": list(PAIR_NAMES),
        "methods": list(METHODS),
        "weights": list(WEIGHTS),
        "steps": list(STEPS),
        "seeds": list(SEEDS),
        "networks": {name: dict(options) for name, options in NETWORKS.items()},
        "session": dict(SESSION),
        "digits": dict(SMALL),
    }


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    design, rows = result["design"], result["rows"]
    settings = len(design["weights"]) * len(design["steps"])
    each = len(design["methods"]) * settings + len(design["steps"])
    count = len(result["cells"])
    introduction = INTRODUCTION.format(
        methods=", ".join(f"`{name}`" for name in design["methods"]),
        pairs=len(design["pairs"]),
        weights=", ".join(f"{w:g}" for w in design["weights"]),
        steps=" or ".join(map(str, design["steps"])),
        seeds=len(design["seeds"]),
        settings=settings,
        cells=count,
        runs=each * len(design["seeds"]) * len(design["pairs"]),
        longest=max(design["steps"]),
        command=result["command"],
    )
    head = ["chosen by", "mean regret", "worst", "worst case", f"below, of {count}", "published"]
    order = sorted(rows, key=lambda who: rows[who]["mean"])
    table = report.table(head, ([*_row(who, rows[who])] for who in order))
    per_pair = report.table(
        ["mean regret", *(f"`{pair}`" for pair in design["pairs"])],
        ([_name(who), *(_points(v) for v in rows[who]["by_pair"].values())] for who in order),
    )
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    parts = ["# Choosing without target labels", "", introduction, table, "", per_pair, ""]
    parts += [DIFFERENCES.format(settings=settings), _limits(), ""]
    return "\n".join([*parts, f"Measured with {versions}."])


def _row(who: str, row: Mapping[str, Any]) -> list[str]:
    at = f"`{row['worst_at'][0]}`, `{row['worst_at'][1]}`" if row["worst"] > 0 else ""
    known = PUBLISHED.get(who, "")
    return [_name(who), _points(row["mean"]), _points(row["worst"]), at, str(row["below"]), known]


def _name(who: str) -> str:
    return str(JUDGES[who].title) if who in JUDGES else who


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def _limits() -> str:
    lines = [
        f"- {JUDGES[name].title}, {JUDGES[name].paper}: {JUDGES[name].limits}" for name in USABLE
    ]
    reverse = JUDGES["reverse"]
    left = (
        f"- Left out: {reverse.title} ({reverse.paper}), which costs a second training of each run."
    )
    return "\n".join(["What each cannot see:", "", *lines, left])


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is left of the sweeps, one a pair, and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    parser.add_argument("--partial", type=Path, default=report.PARTIAL / "judges")
    parser.add_argument("--jobs", type=int, default=None, help="processes (default: one a core)")
    arguments = parser.parse_args(argv)
    arguments.partial.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    for pair in PAIR_NAMES:
        out = arguments.partial / f"{pair.replace('->', '-to-')}.json"
        with Running(plan(pair), out, jobs=arguments.jobs) as running:
            for progress in running:
                print(f"{pair}: {progress}", flush=True)
        found += cells(running.result())
    result = summary(found)
    report.write("judges", result, as_text(result), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
