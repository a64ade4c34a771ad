"""What lesson 04 claims, computed anew with the lesson's own cells over three seeds, on all held-out images."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any

import pytest
from notebook_runs import Run, space, table, tell, trained
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tltutor.lessons.faults import find_fault

pytestmark = pytest.mark.claims

LN10 = math.log(10)
LESSON = "04_features_for_free"
SEEDS = (0, 1, 2)
LABELS = (1, 5, 25)
NEAR = 0.04  # machines differ in the last bits, and runs then in some examples
each = pytest.mark.parametrize("seed", SEEDS)


@lru_cache
def begun(seed: int) -> dict[str, Any]:
    """The lesson's networks, its boards (trained), `features`, `read`, and the extraction of section 4."""
    return space(LESSON, seed, "import torch", "def scratch", "pretraining", "def features", "def read", "where it learned")


@lru_cache
def scratch(seed: int, k: int) -> Run:
    """A network that starts from nothing and learns from k labels a class."""
    names = begun(seed)
    found: Run = names["few"] if k == 5 else names["scratch"]("more", k)
    return found


@lru_cache
def accuracy(seed: int, column: str, k: int) -> float:
    """A figure of the table, for one seed."""
    if column == "from scratch":
        return scratch(seed, k).target
    names = begun(seed)
    name, _, untrained = column.partition(", ")
    return float(names["read"](name, k, names["blank"] if untrained else names["network"]))


def figures(column: str, k: int) -> list[float]:
    found = [accuracy(seed, column, k) for seed in SEEDS]
    tell(f"{column}, {k} labels", found)
    return found


COLUMNS = ("pixels", "conv2", "fc2", "conv2, untrained", "from scratch")


def test_the_table() -> None:
    rows = table(LESSON, "labels a class")
    assert [int(row[0]) for row in rows] == list(LABELS)
    for k, row in zip(LABELS, rows, strict=True):
        for column, said in zip(COLUMNS, row[1:], strict=True):
            found = figures(column, k)
            middle, spread = (float(part) for part in said.split(" ± "))
            assert middle == pytest.approx(mean(found), abs=NEAR)
            assert spread == pytest.approx(pstdev(found), abs=NEAR)


@each
def test_hunger_from_scratch(seed: int) -> None:
    """From 5 to 25 labels: what the prediction's middle option foresees."""
    gain = scratch(seed, 25).end["target_accuracy"] - scratch(seed, 5).end["target_accuracy"]
    tell("25 labels over 5, from scratch", [gain])
    assert 0.04 <= gain < 0.25


@each
@pytest.mark.parametrize("k", [5, 25])
def test_the_middle_beats_pixels_and_the_last_layer_on_every_seed(seed: int, k: int) -> None:
    best = accuracy(seed, "conv2", k)
    assert best > accuracy(seed, "pixels", k)
    assert best > accuracy(seed, "fc2", k)


@each
def test_with_five_labels_more_numbers_do_not_make_up_for_it(seed: int) -> None:
    assert accuracy(seed, "conv2", 5) > accuracy(seed, "conv1", 5)


def test_against_scratch_it_gains_little_with_five_labels_and_on_one_seed_nothing() -> None:
    gains = [a - b for a, b in zip(figures("conv2", 5), figures("from scratch", 5), strict=True)]
    tell("conv2 over scratch, 5 labels", gains)
    assert mean(gains) == pytest.approx(0.02, abs=0.015)
    assert min(gains) < 0.01


def test_with_one_label_the_spread_is_larger_than_most_differences() -> None:
    middles = sorted(mean(figures(column, 1)) for column in COLUMNS)
    steps = [b - a for a, b in pairwise(middles)]
    widest = max(pstdev(figures(column, 1)) for column in COLUMNS)
    assert sum(step < widest for step in steps) > len(steps) / 2


def test_an_untrained_networks_features_are_no_worse_than_pixels() -> None:
    for k in LABELS:
        assert mean(figures("conv2, untrained", k)) > mean(figures("pixels", k)) - 0.02


@each
def test_a_head_fitted_on_the_source_alone_transfers_nothing(seed: int) -> None:
    names = begun(seed)
    head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    head.fit(names["features"](names["pair"].source.x, "fc2"), names["pair"].source.y)
    learned, used = (head.score(names["features"](d.x, "fc2"), d.y) for d in (names["pair"].source_test, names["pair"].target_test))
    assert learned > 0.98
    assert used < 0.5
    assert used < accuracy(seed, "fc2", 5) - 0.2


# --- section 4


@lru_cache
def stuck(seed: int, mistake: bool) -> Run:
    names = begun(seed)
    fault = find_fault("logits-as-probabilities")(mistake=mistake)
    return trained(names["pair"], fault, network=names["blank"], lr=0.01, steps=150, **names["options"])


@each
def test_logits_for_probabilities_begin_far_above_a_guess_and_learn_nothing(seed: int) -> None:
    first, last = (stuck(seed, mistake=True).losses[at]["task"] for at in (0, -1))
    tell(f"first and last loss, seed {seed}", [first, last])
    assert 7 < first < 11
    assert last > 0.99 * LN10
    assert stuck(seed, mistake=True).target < 0.15


def test_without_the_mistake_it_is_the_first_board() -> None:
    mended = [stuck(seed, mistake=False) for seed in SEEDS]
    assert [run.losses for run in mended] == [begun(seed)["few"].losses for seed in SEEDS]
    assert all(abs(run.losses[0]["task"] - LN10) < 0.1 for run in mended)
    assert mean(run.target for run in mended) == pytest.approx(0.87, abs=NEAR)
