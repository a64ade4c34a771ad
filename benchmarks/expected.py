"""How far is a report's expected accuracy from the true one, and does its choice gain? Reports on the embedded pairs, then their labels.

python -m benchmarks.expected    # about ten minutes of one core
"""

from __future__ import annotations

import argparse
import statistics
import sys
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.judges import PAIR_NAMES
from tltutor.domains import load_pair
from tltutor.evaluation import report as study
from tltutor.evaluation.report.methods import Trained, row_of
from tltutor.experiment.experiment import SOURCE_ONLY

COMMAND = "python -m benchmarks.expected"
SEED = 0
INTRODUCTION = """\
What `tltutor report` says of each of {pairs} embedded pairs, at its defaults ({methods}; {steps} steps, {seeds} seeds), and what the
target's labels say afterward. *Expected* is ATC's estimate with its 95 % interval over samples and seeds, *true* the accuracy on the same
unlabeled examples. The choice is the judge's, among source-only and the methods.

    {command}

"""
CONCLUSION = """\
Over the {runs} rows (pair and method), the estimate is off by {off} points on average and by {worst} at worst; it is too high in {high}.
The interval holds the truth in {inside}. The choice gains {gain} points over source-only on average, at worst {least}; it is {chosen}.
A judge that rewards what a method trains on chooses it wherever it does not collapse: that it gained here promises nothing elsewhere.
"""


def measure(name: str) -> list[dict[str, Any]]:
    """Return a row for each method of a pair: what a report says, and the truth."""
    pair = load_pair(name, seed=SEED)
    y = pair.target.y
    clean = study.without_labels(pair, study.MOST, SEED)
    names = (SOURCE_ONLY, *study.METHODS)
    runs = list(study.tried(clean, names, seeds=study.SEEDS, steps=study.STEPS))
    rows = [row_of([run for run in runs if run.method == method]) for method in names]
    choice = study.chosen(rows, study.JUDGE)
    return [
        {
            "pair": name,
            "method": row.method,
            "expected": row.expected,
            "low": row.low,
            "high": row.high,
            "true": _truth([run for run in runs if run.method == row.method], y),
            "chosen": row is choice,
        }
        for row in rows
    ]


def _truth(runs: Sequence[Trained], y: Any) -> float:
    return statistics.fmean(float((run.answers.argmax(1) == y).mean()) for run in runs)


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return all rows, and over them how far the estimates are off, and what the choices gain; accuracies in 0..1."""
    off = [row["expected"] - row["true"] for row in rows]
    plain = {row["pair"]: row["true"] for row in rows if row["method"] == SOURCE_ONLY}
    gains = [row["true"] - plain[row["pair"]] for row in rows if row["chosen"]]
    return {
        "command": COMMAND,
        "methods": list(study.METHODS),
        "judge": study.JUDGE,
        "steps": study.STEPS,
        "seeds": study.SEEDS,
        **report.circumstances(),
        "off": statistics.fmean(map(abs, off)),
        "worst": max(map(abs, off)),
        "too_high": sum(value > 0 for value in off),
        "inside": sum(row["low"] <= row["true"] <= row["high"] for row in rows),
        "gain": statistics.fmean(gains),
        "least_gain": min(gains),
        "rows": list(rows),
    }


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    rows = result["rows"]
    pairs = dict.fromkeys(row["pair"] for row in rows)
    head = ["pair", "method", "expected", "95 % interval", "true", "off by", "chosen"]
    lines = [
        [
            f"`{row['pair']}`",
            f"`{row['method']}`",
            _points(row["expected"]),
            f"{_points(row['low'])} to {_points(row['high'])}",
            _points(row["true"]),
            f"{100 * (row['expected'] - row['true']):+.0f}",
            "✓" if row["chosen"] else "",
        ]
        for row in rows
    ]
    introduction = INTRODUCTION.format(
        pairs=len(pairs),
        methods=", ".join(f"`{name}`" for name in (SOURCE_ONLY, *result["methods"])),
        steps=result["steps"],
        seeds=result["seeds"],
        command=result["command"],
    )
    conclusion = CONCLUSION.format(
        runs=len(rows),
        off=_points(result["off"]),
        worst=_points(result["worst"]),
        high=result["too_high"],
        inside=result["inside"],
        gain=f"{100 * result['gain']:+.0f}",
        least=f"{100 * result['least_gain']:+.0f}",
        chosen=_chosen(rows),
    )
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    parts = [
        "# What a report expects, and what is true",
        "",
        introduction + report.table(head, lines),
    ]
    return "\n".join([*parts, "", conclusion, f"Measured with {versions}."])


def _chosen(rows: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(row["method"] for row in rows if row["chosen"])
    return ", ".join(f"`{name}` on {n} pairs" for name, n in counts.most_common())


def _points(value: float) -> str:
    return f"{100 * value:.0f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every pair and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    rows: list[dict[str, Any]] = []
    for name in PAIR_NAMES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            rows += measure(name)
        print(
            name,
            *(f"{r['method']} {r['expected']:.2f} {r['true']:.2f}" for r in rows[-4:]),
            flush=True,
        )
    result = summary(rows)
    report.write("expected", result, as_text(result), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
