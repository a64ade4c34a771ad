"""Run every method without a network on the four toy shifts: accuracy on held-out target points, marked if below source-only.

python -m benchmarks.classical    # a few minutes of one core; a stopped run is resumed
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sklearn.linear_model import LogisticRegression

from benchmarks import report
from benchmarks.ledger import Ledger
from tltutor.classical import METHODS, adapted, build_method
from tltutor.domains import DomainPair, load_pair

SHIFTS = {
    "covariate": "wave->covariate-shift",
    "label": "blobs->label-shift",
    "conditional": "blobs->conditional-shift",
    "subspace": "bands->subspace-shift",
}
SEEDS = (0, 1, 2, 3, 4)
VERSION = 1  # part of every measurement's key: raise it when a change moves the numbers
EXAMPLES = 300  # of each sample
FEW = 5  # target labels per class, for boosting only
SOURCE_ONLY, CEILING = "source-only", "target-only"
MEAN_ALONE = "mean alone"  # CORAL's map without its matrix
LEFT_OUT = {"tradaboost_r2": "it learns numbers, not classes"}
BELOW, BARELY = "▼", "▽"
COMMAND = "python -m benchmarks.classical"
CHOSEN = "every method at its defaults; no target label chose anything; only boosting is given target labels"
INTRODUCTION = """\
Accuracy on held-out target points, mean ± standard deviation over the seeds {seeds}, each of which draws four fresh samples of {examples}
points. The classifier is scikit-learn's logistic regression throughout; every method runs at its defaults. No target label chose
anything.
Boosting is given {few} labeled target points per class; compare it with the row that has the same labels and no source.

{below} below source-only by more than two standard errors of the differences seed by seed; {barely} below it, by less.

    {command}
"""


def rows() -> tuple[str, ...]:
    """Return the rows: source-only, every method that classifies and a moved mean, a few target labels alone, all of them."""
    methods = [name for name in METHODS if name not in LEFT_OUT]
    methods.insert(methods.index("coral") + 1, MEAN_ALONE)
    return (SOURCE_ONLY, *methods, few_alone(), CEILING)


def few_alone() -> str:
    return f"{FEW} labels a class alone"


def measure(pair: DomainPair, row: str, seed: int) -> dict[str, Any]:
    """Return accuracy on the held-out target, seconds, and the method's warnings."""
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        score = float(fitted(pair, row, seed).score(pair.target_test.x, pair.target_test.y))
    warned = sorted({str(one.message).partition(":")[0] for one in caught})
    return {"accuracy": score, "seconds": round(time.perf_counter() - began, 3), "warned": warned}


def fitted(pair: DomainPair, row: str, seed: int) -> Any:
    """Return the row's classifier, fitted on the data that it may see."""
    plain, few = (
        LogisticRegression(max_iter=1000),
        pair.with_target_labels(FEW, seed).target_labeled,
    )
    on_one_domain = {SOURCE_ONLY: pair.source, CEILING: pair.target, few_alone(): few}
    if row in on_one_domain:
        return plain.fit(on_one_domain[row].x, on_one_domain[row].y)
    if row == MEAN_ALONE:
        moved = pair.source.x - pair.source.x.mean(0) + pair.target.x.mean(0)
        return plain.fit(moved, pair.source.y)
    method = build_method(row)
    if method.kind == "boosting":
        return adapted(method, plain).fit(
            pair.source.x, pair.source.y, target=few.x, target_labels=few.y
        )
    return adapted(method, plain).fit(pair.source.x, pair.source.y, target=pair.target.x)


def keys() -> Iterator[tuple[str, int, str]]:
    return itertools.product(SHIFTS, SEEDS, rows())


def mark(row: str, values: Sequence[float], base: Sequence[float]) -> str:
    """Return the mark of values that are below source-only's of the same seeds."""
    differences = [value - other for value, other in zip(values, base, strict=True)]
    mean = statistics.fmean(differences)
    if row in {SOURCE_ONLY, CEILING, few_alone()} or mean >= 0:
        return ""
    error = statistics.stdev(differences) / len(differences) ** 0.5
    return BELOW if -mean > 2 * error else BARELY


def summary(ledger: Ledger) -> dict[str, Any]:
    """Return all results with the marks."""
    found = {
        shift: {row: [ledger[_key(shift, seed, row)] for seed in SEEDS] for row in rows()}
        for shift in SHIFTS
    }
    results: dict[str, Any] = {}
    for shift, by_row in found.items():
        values = {row: [run["accuracy"] for run in runs] for row, runs in by_row.items()}
        results[shift] = {
            row: report.spread(values[row])
            | {"below_source_only": mark(row, values[row], values[SOURCE_ONLY])}
            | {"seconds": statistics.fmean(run["seconds"] for run in by_row[row])}
            | {"warned": sorted({text for run in by_row[row] for text in run["warned"]})}
            for row in rows()
        }
    about = {
        "command": COMMAND,
        "chosen": CHOSEN,
        "seeds": list(SEEDS),
        "pairs": SHIFTS,
        "left_out": LEFT_OUT,
    }
    return about | {"settings": ledger.settings, **report.circumstances(), "results": results}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report: the table, its legend, and what was left out."""
    found = result["results"]
    values = {
        "seeds": list(SEEDS),
        "examples": EXAMPLES,
        "few": FEW,
        "below": BELOW,
        "barely": BARELY,
        "command": COMMAND,
    }
    lines = [[row, *(_cell(found[shift][row]) for shift in SHIFTS)] for row in rows()]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    warned = [f"- {row}: {text}" for row in rows() if (text := _warned(row, found))]
    parts = ["# Transfer without a network: the four toy shifts", "", INTRODUCTION.format(**values)]
    parts += [
        report.table(["", *(f"{shift} (`{pair}`)" for shift, pair in SHIFTS.items())], lines),
        "",
    ]
    parts += [f"Left out: {name}, {why}." for name, why in LEFT_OUT.items()]
    parts += ["", "Warnings of the methods:", "", *warned] if warned else []
    return "\n".join([*parts, "", f"Measured with {versions}."])


def _cell(one: Mapping[str, Any]) -> str:
    return f"{report.cell(one)} {one['below_source_only']}".strip()


def _warned(row: str, found: Mapping[str, Any]) -> str:
    """Return the row's first warning, and the number of others, over all shifts."""
    texts = [text for by_row in found.values() for text in by_row[row]["warned"]]
    return (
        ""
        if not texts
        else texts[0] + (f", and {len(texts) - 1} more like it" if len(texts) > 1 else "")
    )


def _key(shift: str, seed: int, row: str) -> dict[str, Any]:
    """Return the key of a measurement; of the code it contains only VERSION."""
    return {"pair": SHIFTS[shift], "seed": seed, "row": row, "version": VERSION}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the report."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--ledger", type=Path, default=report.PARTIAL / "classical.jsonl")
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    ledger = Ledger(
        arguments.ledger,
        {"examples": EXAMPLES, "few": FEW, "defaults": {n: _defaults(n) for n in METHODS}},
    )
    for shift, seed, row in keys():
        pair = load_pair(SHIFTS[shift], seed=seed, n_samples=EXAMPLES)
        ledger.measure(_key(shift, seed, row), partial(measure, pair, row, seed))
    result = summary(ledger)
    report.write("classical", result, as_text(result), arguments.out)
    return 0


def _defaults(name: str) -> dict[str, Any]:
    return {setting.name: setting.default for setting in METHODS[name].settings}


if __name__ == "__main__":
    sys.exit(main())
