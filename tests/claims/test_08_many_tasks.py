"""What lesson 08 claims of a second task: a clear gain, none, and a small one that many seeds show, on its own runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from boards import read_boards, trained
from measured import FEW, keep, tell
from measured import SEEDS as USUAL

import tltutor as tl

pytestmark = pytest.mark.claims

BOARDS = read_boards("08")
SEEDS = (*range(3), *range(20, 23)) if FEW else (*range(10), *range(20, 30))


def test_the_boards_differ_in_lambda_alone() -> None:
    assert BOARDS["mine"] == BOARDS["odd"] == BOARDS["alone"] | {"weight": 1}
    assert BOARDS["theirs"] == BOARDS["odd"] | {"fault": "one-head"}


@cache
def accuracy(case: str, seed: int, width: int) -> float:
    """Of the lesson's run."""
    pair = tl.load_pair("digits->shifted-digits", seed=seed, size=16, rotation=0, severity=0)
    if case == "random":
        y = np.random.default_rng(seed).permutation(pair.source.y)
        pair = replace(pair, source=replace(pair.source, y=y))
    asks = "classes" if case == "digit" else "odd-or-even"
    network = tl.build_network("mlp", pair, seed=seed, width=width)
    objective = tl.objectives.SharedTrunk(labels_per_class=2, source_task=asks)
    options = {"steps": 300, "batch_size": 32, "lr": 0.05, "seed": seed}
    session = tl.Session(pair, network, objective, weight=int(case != "alone"), **options)
    while not session.done:
        session.step()
    return session.evaluate()["target_accuracy"]


@pytest.mark.slow
def test_the_table_says_what_is_measured() -> None:
    """Accuracies of the usual seeds; the mean gains of the first ten, as the learner runs them."""
    for case in ("alone", "odd", "random", "digit"):
        keep("08", f"{case}, 128", [accuracy(case, seed, 128) for seed in USUAL])
    for case, width in (("odd", 128), ("random", 128), ("digit", 128), ("odd", 16)):
        keep("08", f"gain of {case}, {width}", [gains(case, width, range(10)).mean()] * len(USUAL))


@pytest.mark.parametrize("seed", USUAL)
def test_one_head_for_both_tasks_ruins_the_first_and_mending_it_helps(seed: int) -> None:
    broken, mended = (
        trained(BOARDS["theirs"], seed, mistake=mistake)[0]["target_accuracy"]
        for mistake in (True, False)
    )
    tell("with one head, and with two", [broken, mended])
    assert broken < mended - 0.2
    assert trained(BOARDS["theirs"], seed)[1]["source tasks"] < 0.5  # far below ln 2: learned


def gains(case: str, width: int, seeds: Sequence[int] = SEEDS) -> np.ndarray:
    found = [accuracy(case, s, width) - accuracy("alone", s, width) for s in seeds]
    tell(f"{case}, width {width}", found)
    return np.array(found)


@pytest.mark.slow
def test_the_digit_itself_helps_every_time() -> None:
    assert gains("digit", 128).min() > 0.02
    assert gains("digit", 128).mean() > 0.07


@pytest.mark.slow
def test_odd_or_even_gains_a_little_on_a_wide_trunk_and_not_on_every_seed() -> None:
    odd = gains("odd", 128)
    assert 0.005 < odd.mean() < 0.05
    assert odd.min() < 0
    first = gains("odd", 128)[:10]
    assert first.mean() - 2.26 * first.std(ddof=1) / 10**0.5 < 0.02  # ten seeds hardly show it


@pytest.mark.slow
def test_shuffled_answers_move_the_mean_by_little() -> None:
    assert abs(gains("random", 128).mean()) < 0.025


@pytest.mark.slow
def test_a_narrow_trunk_gains_less() -> None:
    narrow = gains("odd", 16)
    assert narrow.mean() < 0.01
    assert gains("odd", 128).mean() - narrow.mean() > 0.02
    assert gains("odd", 16, range(10)).mean() < 0  # as the text says of the first ten
