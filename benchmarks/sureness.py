"""Why FixMatch and the mean teacher gain next to nothing: how sure answers are, how right, and what is taught.

python -m benchmarks.sureness    # a few minutes
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks import report
from benchmarks.digits import loaded
from benchmarks.plan import Case, cases
from tltutor.evaluation.comparison import TARGET_STATISTICS
from tltutor.events import Stepped
from tltutor.networks.inference import outputs
from tltutor.objectives.pseudo_labels import THRESHOLD, confident_predictions

METHODS = (
    TARGET_STATISTICS,
    "fixmatch",
    "mean-teacher",
)  # the first is the baseline with the statistics of the other two
COMMAND = "python -m benchmarks.sureness"
INTRODUCTION = f"""\
After a run with the settings of [results.md](results.md), the network predicts each of the target's training images. *Sure*: the share
of predictions with a probability of at least {THRESHOLD.default:g}, FixMatch's threshold; *right*: the share of these that are right
(labels are used for this evaluation only). *Consistency*: the mean over the run of the term that the method adds to the loss. Mean ±
standard deviation over the seeds; nothing was selected by these figures.

    {COMMAND}
"""


def measure(case: Case, method: str, seed: int) -> dict[str, float]:
    """Run once; return "sure", "right" and, if the method has such a term, "consistency"."""
    torch.set_num_threads(1)
    pair = loaded(case, seed)
    session = replace(case.experiment, pair=pair, objective=method, seed=seed).build()
    terms = [fact.losses for fact in session if isinstance(fact, Stepped)]
    found = sureness(
        outputs(session.network, pair.target.x, "target")[1], torch.tensor(pair.target.y)
    )
    return found | (
        {"consistency": fmean(loss["consistency"] for loss in terms)}
        if "consistency" in terms[0]
        else {}
    )


def sureness(z: torch.Tensor, y: torch.Tensor) -> dict[str, float]:
    """Return the share of confident predictions of logits z (n, k), and the share of these that match the labels y (n,)."""
    predictions, confident = confident_predictions(z, THRESHOLD.default)
    return {
        "sure": float(confident.float().mean()),
        "right": float((predictions == y)[confident].float().mean()),
    }


def summary() -> dict[str, Any]:
    """Return the rows of all methods on all embedded pairs over their seeds."""
    rows = []
    for case in (case for case in cases() if case.embedded):
        for method in METHODS:
            runs = [measure(case, method, seed) for seed in case.seeds]
            numbers = {name: report.spread([run[name] for run in runs]) for name in runs[0]}
            rows.append({"pair": case.pair, "method": method, "seeds": list(case.seeds), **numbers})
            print(*as_row(rows[-1]), flush=True)
    return {
        "command": COMMAND,
        "threshold": THRESHOLD.default,
        **report.circumstances(),
        "rows": rows,
    }


def as_row(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    term = f"{row['consistency']['mean']:.5f}" if "consistency" in row else "–"
    return [
        f"`{row['pair']}`",
        f"`{row['method']}`",
        report.cell(row["sure"]),
        report.cell(row["right"]),
        term,
    ]


def as_text(result: dict[str, Any]) -> str:
    """Return the report."""
    head = ["pair", "method", "sure", "right", "consistency"]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    seeds = ", ".join(map(str, result["rows"][0]["seeds"]))
    parts = [
        "# Confident, and right?",
        "",
        INTRODUCTION,
        report.table(head, map(as_row, result["rows"])),
    ]
    return "\n".join([*parts, "", f"Seeds {seeds}. Measured with {versions}."])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    result = summary()
    report.write("sureness", result, as_text(result), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
