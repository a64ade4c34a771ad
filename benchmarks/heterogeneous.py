"""Measure heterogeneous transfer on handwritten digits: labeled pixels are the source, unlabeled edge strengths the target.

python -m benchmarks.heterogeneous    # a few seconds
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import report
from tltutor.classical import paired_cca, projection_by_labels

SEEDS = (0, 1, 2, 3, 4)
SIZES = {"source": 600, "pairs": 300, "target": 400}  # the other 497 are the test set
FEW = 5  # target labels per class
DIMENSIONS, RIDGE = 20, 0.1  # of the shared space; set before the first run
COMMAND = "python -m benchmarks.heterogeneous"
CHOSEN = "all settings were set before the first run; no target label chose anything"
INTRODUCTION = f"""\
scikit-learn's handwritten digits in two views without a common feature: the source is {SIZES["source"]} labeled digits as 64 pixels, the
target {SIZES["target"]} other digits as 32 edge strengths (horizontal and vertical changes of the ink in 4 x 4 windows). Accuracy of
logistic regression on 497 further digits in the target's view, mean ± standard deviation over the seeds {list(SEEDS)}, each with another
split. CCA: {DIMENSIONS} dimensions, regularization {RIDGE}; all settings were fixed before the first run, and no target label selected
anything.

    {COMMAND}
"""


@dataclass(frozen=True)
class Split:
    """Indices into scikit-learn's set: four disjoint groups of digits."""

    source: np.ndarray
    pairs: np.ndarray
    target: np.ndarray
    test: np.ndarray


@cache
def views() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all digits as pixels (n, 64) and as edges (n, 32), and their classes (n,)."""
    images, y = load_digits().images / 16, load_digits().target
    return images.reshape(len(images), -1), edges(images), y


def edges(images: np.ndarray) -> np.ndarray:
    """Return mean absolute horizontal and vertical differences in 4 x 4 windows: (n, 8, 8) -> (n, 32)."""
    wide = np.abs(np.diff(np.pad(images, ((0, 0), (0, 0), (0, 1))), axis=2))
    tall = np.abs(np.diff(np.pad(images, ((0, 0), (0, 1), (0, 0))), axis=1))
    windows = np.stack([wide, tall], axis=1).reshape(len(images), 2, 4, 2, 4, 2)
    return np.asarray(windows.mean(axis=(3, 5)).reshape(len(images), -1))


def split(seed: int) -> Split:
    """Return a split of all digits, drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(views()[2]))
    return Split(*np.split(order, np.cumsum(list(SIZES.values()))))


def few(places: np.ndarray) -> np.ndarray:
    """Return the first FEW of each class among these digits: the only target labels that a row may use, and its name says so."""
    y = views()[2][places]
    return np.concatenate([places[y == c][:FEW] for c in np.unique(y)])


def measure(seed: int) -> dict[str, float]:
    """Return each row's accuracy on the test digits."""
    pixels, edge, y = views()
    s = split(seed)
    some, strangers = few(s.target), np.random.default_rng(seed).permutation(s.pairs)

    def through(pairs: np.ndarray) -> float:
        shared = paired_cca(pixels[s.pairs], edge[pairs], DIMENSIONS, reg=RIDGE)
        return _score(
            shared.source(pixels[s.source]), y[s.source], shared.target(edge[s.test]), y[s.test]
        )

    project = projection_by_labels((pixels[s.source], y[s.source]), (edge[some], y[some]))
    return {
        f"{SIZES['pairs']} unlabeled pairs: CCA": through(s.pairs),
        "the same with partners at random: CCA": through(strangers),
        f"{FEW} target labels a class: projection into the source": _score(
            pixels[s.source], y[s.source], project(edge[s.test]), y[s.test]
        ),
        f"{FEW} target labels a class, no source": _score(
            edge[some], y[some], edge[s.test], y[s.test]
        ),
        f"all {SIZES['target']} target labels, no source": _score(
            edge[s.target], y[s.target], edge[s.test], y[s.test]
        ),
    }


def _score(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray) -> float:
    return float(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        .fit(x, y)
        .score(x_test, y_test)
    )


def summary() -> dict[str, Any]:
    """Return all rows over all seeds."""
    runs = [measure(seed) for seed in SEEDS]
    about = {"command": COMMAND, "chosen": CHOSEN, "seeds": list(SEEDS), "sizes": SIZES, "few": FEW}
    settings = {"dimensions": DIMENSIONS, "ridge": RIDGE}
    results = {row: report.spread([run[row] for run in runs]) for row in runs[0]}
    return {**about, "settings": settings, **report.circumstances(), "results": results}


def as_text(result: dict[str, Any]) -> str:
    """Return the report."""
    lines = [[row, report.cell(found)] for row, found in result["results"].items()]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    parts = [
        "# Transfer between feature spaces",
        "",
        INTRODUCTION,
        report.table(["what is given", "accuracy"], lines),
    ]
    return "\n".join([*parts, "", f"Measured with {versions}."])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    result = summary()
    report.write("heterogeneous", result, as_text(result), parser.parse_args(argv).out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
