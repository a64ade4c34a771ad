"""What lesson 13 claims of sure answers and of long steps; of its boards, its claims.toml says it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from boards import read_boards, trained
from measured import SEEDS, every_seed, keep, tell

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "13"
BOARDS = read_boards(LESSON)


def path(domains: int) -> dict[str, Any]:
    """The arguments of a walk with this many domains, 50 steps each."""
    options = BOARDS["walk"]["pair_options"] | {"domains": domains}
    return {"pair_options": options, "steps": 50 * (domains + 1)}


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["leap"] == BOARDS["plain"] | {"objective": "gradual"}
    assert BOARDS["walk"] == BOARDS["leap"] | path(10)
    assert BOARDS["leap"] == BOARDS["walk"] | path(1)
    assert BOARDS["free"] == BOARDS["walk"] | {"weight_decay": 0.0}
    assert BOARDS["theirs"] == BOARDS["walk"] | {"fault": "first-teacher"}
    assert BOARDS["mine"] == BOARDS["walk"]


def test_the_surer_half_is_not_the_right_half() -> None:
    shares = []
    for seed in SEEDS:
        session = trained(BOARDS["plain"], seed)[2]
        images = session.pair.target_test
        assert images is not None
        with torch.no_grad():
            z = session.network.eval()(torch.tensor(images.x))[1]
        p, y = z.softmax(1).max(1)
        right = (y == torch.tensor(images.y)).float()
        shares.append([float(right[p >= p.median()].mean()), float(right.mean())])
    keep(LESSON, "surer half, right", [half for half, _ in shares])
    surer, every = np.array(shares).T
    assert max(surer) < 0.55
    assert min(every - surer) > 0.05  # fewer than of the other half


def test_two_long_steps_bring_nothing() -> None:
    found = {}
    for domains in (1, 2, 10):
        runs = [trained(BOARDS["walk"], seed, **path(domains))[2] for seed in SEEDS]
        ends = [session.evaluate()["target_accuracy"] for session in runs]
        found[domains] = np.array(keep(LESSON, f"{domains} domains", ends))
    assert np.abs(found[2] - found[1]).max() < 0.2
    assert np.abs((found[2] - found[1]).mean()) < 0.1
    assert min(found[10] - found[2]) > 0.1


@every_seed
def test_the_walk_arrives_on_seeds_that_chose_nothing_too() -> None:
    gains = []
    for seed in range(20, 26):
        ends = [trained(BOARDS[name], seed)[0]["target_accuracy"] for name in ("walk", "leap")]
        gains.append(ends[0] - ends[1])
    tell("walk over leap", gains)
    assert min(gains) > 0.1
