"""What lesson 05 claims, trained anew with the lesson's own cells over three seeds; accuracies are those of the last step."""

from __future__ import annotations

from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest
from measured import SEEDS, keep, tell
from notebook_runs import Run, space, trained

from tltutor.lessons.faults import find_fault
from tltutor.networks import build_network

pytestmark = [
    pytest.mark.claims,
    pytest.mark.slow,
]  # minutes; make test trains the quicker lessons' runs

LESSON = "05"
CELLS = ("pretraining", "def board", "with_head")
OF_THE_CELLS = {
    (0, 1, "network", 0.01, 1.0): "all_1",
    (0, 5, "fresh", 0.001, 1.0): "slow",
    (0, 5, "fresh", 0.001, 10): "fast",
}  # which CELLS train already


@cache
def begun(seed: int) -> dict[str, Any]:
    """The lesson's network, its board function (which trains), and its boards all-1, slow and what they are made of."""
    return space(LESSON, seed, *CELLS)


@cache
def run(
    seed: int,
    depth: int,
    labels: int,
    *,
    start: str = "network",
    lr: float = 0.01,
    head_rate: float = 1.0,
) -> Run:
    names = begun(seed)
    if (depth, labels, start, lr, head_rate) in OF_THE_CELLS:
        trained_there: Run = names[OF_THE_CELLS[depth, labels, start, lr, head_rate]]
        return trained_there
    network = (
        names[start]
        if start in names
        else build_network("lenet", names["pair"], seed=seed, channels=(16, 32))
    )
    found: Run = names["board"]("a", depth, labels, start=network, lr=lr, head_rate=head_rate)
    return found


@cache
def broken(seed: int, fault: str, mistake: bool) -> Run:
    """A broken lab's run, with its mistake or without."""
    names = begun(seed)
    how = {
        "network": names["network"],
        "steps": 150,
        "lr": 0.01,
        "freeze_depth": 4 if fault == "nothing-trains" else 0,
    }
    return trained(names["pair"], find_fault(fault)(mistake=mistake), **how, **names["options"])


def targets(name: str, depth: int, labels: int, **how: Any) -> list[float]:
    return keep(LESSON, name, [run(seed, depth, labels, **how).target for seed in SEEDS])


# --- section 1


def test_it_reads_print_and_little_handwriting() -> None:
    starts = [run(seed, 4, 1).start for seed in SEEDS]
    assert min(begun(seed)["pretraining"].evaluate()["source_accuracy"] for seed in SEEDS) > 0.985
    assert max(start["target_accuracy"] for start in starts) < 0.55


def test_with_one_label_two_frozen_stages_read_more_than_none_but_not_on_every_seed() -> None:
    gains = [run(seed, 2, 1).target - run(seed, 0, 1).target for seed in SEEDS]
    tell("two frozen over none, one label", gains)
    assert mean(gains) > 0.02  # half of the mean gain of five seeds, .05 (standard deviation .04)
    assert run(0, 2, 1).end["target_accuracy"] > run(0, 0, 1).end["target_accuracy"] + 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_both_learn_the_ten_images_by_heart(seed: int) -> None:
    assert all(
        np.mean([loss["task"] for loss in run(seed, depth, 1).losses[-20:]]) < 0.05
        for depth in (0, 2)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_frozen_bodys_features_stand_still(seed: int) -> None:
    frozen, moving = run(seed, 4, 1), run(seed, 0, 1)
    assert frozen.start["knn_label_agreement"] == frozen.end["knn_label_agreement"]
    assert moving.start["knn_label_agreement"] != moving.end["knn_label_agreement"]


# --- section 2


@pytest.mark.parametrize("seed", SEEDS)
def test_with_25_labels_the_head_alone_loses_by_more_than_ten_of_a_hundred(seed: int) -> None:
    head, whole = run(seed, 4, 25), run(seed, 0, 25)
    assert head.target - whole.target < -0.1
    assert head.end["target_accuracy"] - whole.end["target_accuracy"] < -0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_early_stages_may_stay_as_they_are(seed: int) -> None:
    """Frozen two of four: far nearer to training all of it than to the head alone."""
    assert run(seed, 2, 25).target - run(seed, 4, 25).target > 3 * (
        run(seed, 0, 25).target - run(seed, 2, 25).target
    )


def test_with_25_labels_the_start_is_worth_next_to_nothing() -> None:
    worth = [run(seed, 0, 25).target - run(seed, 0, 25, start="scratch").target for seed in SEEDS]
    few = [run(seed, 0, 1).target - run(seed, 0, 1, start="scratch").target for seed in SEEDS]
    tell("worth of the start, 25 labels", worth)
    assert max(map(abs, worth)) < 0.03
    assert min(few) > 0
    assert mean(few) > 2 * max(map(abs, worth))


def test_what_trains_most_forgets_most() -> None:
    for labels in (1, 25):
        whole, head = (mean(run(seed, depth, labels).source for seed in SEEDS) for depth in (0, 4))
        tell(f"source accuracy with {labels} labels: all, head", [whole, head])
        assert whole < head - 0.05


def drift() -> dict[str, list[float]]:
    """What statistics that move under a frozen body cost on the source and gain on the target, seed by seed."""
    runs = [
        [broken(seed, "moving-batchnorm", mistake) for mistake in (True, False)] for seed in SEEDS
    ]
    cost = [still.source - moves.source for moves, still in runs]
    return {
        "cost of drift": cost,
        "gain of drift": [moves.target - still.target for moves, still in runs],
    }


TABLE = {
    (labels, column): f"{labels} labels, {column}"
    for labels in (1, 25)
    for column in ("k = 0", "k = 2", "k = 4", "from scratch")
}


def test_no_column_of_the_table_is_best_in_both_rows() -> None:
    """With one label two frozen stages lead and the start is worth much; with 25 training all of it leads and the start is worth little."""
    found = {}
    for (labels, column), name in TABLE.items():
        how = {"start": "scratch"} if column == "from scratch" else {}
        found[labels, column] = mean(targets(name, 0 if how else int(column[-1]), labels, **how))
    assert found[1, "k = 2"] > found[1, "k = 0"] + 0.02
    assert found[1, "k = 0"] > found[1, "from scratch"] + 0.03
    assert found[25, "k = 0"] > found[25, "k = 4"] + 0.1
    assert abs(found[25, "k = 0"] - found[25, "from scratch"]) < 0.03


# --- section 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_head_gains_by_a_rate_of_its_own(seed: int) -> None:
    slow, fast = (
        run(seed, 0, 5, start="fresh", lr=0.001),
        run(seed, 0, 5, start="fresh", lr=0.001, head_rate=10),
    )
    tell(f"gain of head rate 10, seed {seed}", [fast.target - slow.target])
    assert fast.target - slow.target > 0.03
    assert fast.end["target_accuracy"] - slow.end["target_accuracy"] > 0.03


def test_what_the_text_says_of_rates() -> None:
    heads = [
        mean(targets(f"head alone, rate {lr}", 4, 5, start="fresh", lr=lr)) for lr in (0.001, 0.1)
    ]
    bodies = [mean(targets(f"all, rate {lr}", 0, 5, start="fresh", lr=lr)) for lr in (0.3, 0.01)]
    assert heads[1] - heads[0] > 0.2
    assert bodies[1] - bodies[0] > 0.03


# --- sections 5 and 6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_stuck_board_stands_still_and_the_mended_one_learns(seed: int) -> None:
    stuck, mended = (broken(seed, "nothing-trains", mistake) for mistake in (True, False))
    assert stuck.start == stuck.end
    first, last = (
        np.mean([loss["task"] for loss in part]) for part in (stuck.losses[:50], stuck.losses[-50:])
    )
    assert last == pytest.approx(first, abs=0.2)
    assert last > 1
    assert mended.end["target_accuracy"] > mended.start["target_accuracy"] + 0.2
    assert np.mean([loss["task"] for loss in mended.losses[-50:]]) < last / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_features_move_under_a_frozen_body_and_stand_still_under_the_mended_one(seed: int) -> None:
    for number in ("knn_label_agreement", "mmd2"):
        moves, still = (broken(seed, "moving-batchnorm", mistake) for mistake in (True, False))
        assert moves.start[number] != pytest.approx(moves.end[number], abs=0.01)
        assert still.start[number] == still.end[number]


def test_what_drifting_statistics_cost_and_gain() -> None:
    cost, gain = (keep(LESSON, name, values) for name, values in drift().items())
    assert min(cost) > 0.05
    assert mean(gain) > 0
