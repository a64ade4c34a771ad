"""What lesson 14 claims of a stream's order on a network that trains nothing; of its boards, its claims.toml says it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from boards import experiment, read_boards, trained
from measured import SEEDS, every_seed, keep, tell

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "14"
BOARDS = read_boards(LESSON)
SIZES = (8, 32, 96, 480)


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["sorted"] == BOARDS["mixed"] | {"target_order": "by-class"}
    assert BOARDS["theirs"] == BOARDS["mixed"] | {"fault": "entropy-of-mean"}
    adapts = {"objective": "tent", "weight": 5, "target_order": "shuffled"}
    longer = {"steps": 320, "pretrain": 160}
    assert BOARDS["mine"] == BOARDS["mixed"] == BOARDS["plain"] | adapts | longer


def test_tent_goes_on_from_the_network_of_section_1() -> None:
    plain = trained(BOARDS["plain"], 0)[2].network.state_dict()
    start = experiment(BOARDS["mixed"], 0).build().network.state_dict()
    assert all(torch.equal(plain[name], value) for name, value in start.items())


def accuracies(seed: int, size: int, own_statistics: bool = True) -> list[float]:
    """Of the source-only network on the lesson's stream, in batches of this size: shuffled, by class."""
    session = trained(BOARDS["plain"], seed)[2]
    images = session.pair.target_test
    assert images is not None
    x, y = torch.tensor(images.x), torch.tensor(images.y)
    shuffled = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))[:480]
    found = []
    for order in (shuffled, shuffled[y[shuffled].argsort(stable=True)]):
        adapted = copy.deepcopy(session.network).cpu().on("target").train(own_statistics)
        with torch.no_grad():
            z = torch.cat([adapted(x[rows])[1] for rows in order.split(size)])
        found.append(float((z.argmax(1) == y[order]).float().mean()))
    return found


def test_the_order_decides_between_a_gain_and_a_loss() -> None:
    untouched = keep(LESSON, "untouched", [accuracies(s, 32, False)[0] for s in SEEDS])
    shuffled, by_class = zip(*(accuracies(s, 32) for s in SEEDS), strict=True)
    keep(LESSON, "shuffled", shuffled)
    keep(LESSON, "by class", by_class)
    assert min(np.subtract(shuffled, untouched)) > 0.15
    assert min(np.subtract(shuffled, by_class)) > 0.25
    assert min(np.subtract(untouched, by_class)) > 0.02  # worse than no adaptation
    assert max(by_class) < 0.4  # most answers of a batch of one class are wrong


def test_larger_batches_hold_more_classes_and_all_images_have_no_order() -> None:
    found = np.array([[accuracies(s, size) for size in SIZES] for s in SEEDS])  # seed, size, order
    tell("by class, batch 96", found[:, 2, 1].tolist())
    assert (found[:, 2, 1] > found[:, 0, 1] + 0.1).all()
    assert np.abs(found[:, 3, 0] - found[:, 3, 1]).max() < 0.01
    assert (found[:, 3, 1] > found[:, 1, 1] + 0.25).all()


@every_seed
def test_seeds_that_chose_nothing_lose_by_the_sorted_stream_too() -> None:
    mixed, in_order = (
        [trained(BOARDS[board], seed)[0]["target_accuracy"] for seed in (20, 21, 22)]
        for board in ("mixed", "sorted")
    )
    tell("lost by the sorted stream", np.subtract(mixed, in_order).tolist())
    assert min(np.subtract(mixed, in_order)) > 0.05


def test_the_faulty_run_gives_nearly_all_images_one_class() -> None:
    for seed in SEEDS:
        predicted = trained(BOARDS["theirs"], seed)[2].snapshot().predictions
        assert np.bincount(predicted).max() > 0.7 * len(predicted)
