"""What lesson 21 claims of an A/A test, of images that were saved again, and of a report on them, by its own cells."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from boards import experiment, read_boards, train
from measured import SEEDS, every_seed, keep, tell
from notebook_runs import space

from tltutor.evaluation.report import report

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "21"
BOARDS = read_boards(LESSON)
CELLS = ("import matplotlib", "def probe", "def saved", "jpeg = ")


@cache
def names(seed: int) -> dict[str, Any]:
    return space(LESSON, seed, *CELLS)


@cache
def probes(seed: int) -> dict[str, Any]:
    """What the lesson's probe says of A and B, of B saved, of both saved, and of a sorted folder's halves."""
    its = names(seed)
    a, b, c, saved = its["a"], its["b"], its["jpeg"].target.x, its["saved"]
    folder = a[np.argsort(its["same"].source.y, kind="stable")]
    pairs = {"same": (a, b), "jpeg": (a, c), "both": (saved(a), c)}
    pairs |= {"sorted": (folder[:300], folder[300:])}
    return {name: its["probe"](*pair) for name, pair in pairs.items()}


def test_the_probe_sees_what_was_saved_again_and_nothing_where_both_were() -> None:
    found = {
        name: keep(LESSON, f"probe, {name}", [probes(seed)[name].accuracy for seed in SEEDS])
        for name in ("same", "jpeg", "both", "sorted")
    }
    for name in ("same", "both"):
        tell(f"p, {name}", [probes(seed)[name].p for seed in SEEDS])
        assert min(found[name]) > 0.42
        assert max(found[name]) < 0.58
    assert min(found["jpeg"]) > 0.95
    assert min(found["sorted"]) > 0.75
    assert all(probes(seed)["sorted"].p < 0.01 for seed in SEEDS)


@cache
def numbers(seed: int, board: str) -> dict[str, float]:
    pair = names(seed)["jpeg" if board == "compressed" else "same"]
    return train(experiment(BOARDS[board], seed, pair=pair, pair_options={}))[0]


def test_the_network_hardly_notices() -> None:
    untouched, compressed = (
        keep(LESSON, board, [numbers(seed, board)["target_accuracy"] for seed in SEEDS])
        for board in ("untouched", "compressed")
    )
    in_features = [numbers(seed, "compressed")["domain_probe_accuracy"] for seed in SEEDS]
    tell("probe in the features", in_features)
    assert max(in_features) < 0.65  # in the pixels it is 1
    assert np.abs(np.subtract(compressed, untouched)).max() < 0.05


def test_the_largest_gap_of_a_pixel_is_larger_in_the_saved_copy() -> None:
    for seed in SEEDS:
        its = names(seed)
        largest = []
        for other in (its["b"], its["jpeg"].target.x):
            both = np.concatenate([its["a"], other])
            gap = (other.mean(0) - its["a"].mean(0)) / (both.std(0) + 1)
            largest.append(float(np.abs(gap).max()))
        tell("largest gap", largest)
        assert largest[1] > 1.5 * largest[0]


@every_seed
def test_the_report_finds_the_shift_of_the_saved_copy() -> None:
    for seed in SEEDS:
        found = report(names(seed)["jpeg"], methods="coral", seeds=1, steps=5, seed=seed).found
        assert found.shift.probe.significant
        assert found.shift.probe.value > 0.9
