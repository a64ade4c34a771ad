"""What lesson 06 claims of the line between two networks, and of L2-SP with statistics that move or are held."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from boards import experiment, read_boards, train
from measured import SEEDS, keep, tell
from notebook_runs import space

from tltutor.lessons import Between
from tltutor.networks import Network
from tltutor.networks.interpolation import interpolated

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "06"
BOARDS = read_boards(LESSON)
POINTS = {"0": 0.0, "1/2": 0.5, "3/4": 0.75, "1": 1.0}


@cache
def names(seed: int) -> dict[str, Any]:
    """What the lesson's cells make: pair, networks, `shuffled`, `accuracy`; `end` is the fine-tuned network."""
    found = space(LESSON, seed, "import copy", "def pretrained", "other =", "def shuffled")
    return found | {"end": tuned(seed, found["start"])}


def tuned(seed: int, start: Network, board: str = "tuned", **other: Any) -> Network:
    """The network after the run of a board that goes on from `start`."""
    network: Network = train(experiment(BOARDS[board], seed, network=start, **other))[2].network
    return network


def score(seed: int, network: Network) -> tuple[float, float]:
    """The accuracy on all held-out source and target images, with the network's own statistics."""
    pair = names(seed)["pair"]
    found = []
    for images in (pair.source_test, pair.target_test):
        with torch.no_grad():
            z = network.eval().on("source")(torch.tensor(images.x))[1]
        found.append(float((z.argmax(1).numpy() == images.y).mean()))
    return found[0], found[1]


@cache
def on_the_line(seed: int, share: float) -> tuple[float, float]:
    return score(seed, interpolated(names(seed)["start"], names(seed)["end"], share))


@cache
def after(board: str, seed: int, weight: float | None = None) -> tuple[float, float]:
    other = {} if weight is None else {"weight": weight}
    return score(seed, tuned(seed, names(seed)["start"], board, **other))


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["held"] == BOARDS["moving"] | {"batchnorm": "source"}
    assert BOARDS["mine"] == BOARDS["held"] | {"pretrain": 150}
    assert BOARDS["strangers"] == BOARDS["line"]


def test_half_of_the_way_costs_little_print_and_gains_much_handwriting() -> None:
    source, target = {}, {}
    for name, share in POINTS.items():
        found = np.array([on_the_line(seed, share) for seed in SEEDS])
        source[name] = np.array(keep(LESSON, f"source, {name}", found[:, 0].tolist()))
        target[name] = np.array(keep(LESSON, f"target, {name}", found[:, 1].tolist()))
    assert max(source["0"] - source["1/2"]) < 0.04
    assert min(source["0"] - source["1"]) > 0.04  # what fine-tuning forgets
    assert min(target["1/2"] - target["0"]) > 0.2
    bought = (source["3/4"] - source["1"]) - (target["1"] - target["3/4"])
    assert min(bought) > -0.03
    assert bought.mean() > 0.02
    assert (source["1/2"] > (source["0"] + source["1"]) / 2 + 0.02).all()  # the curve bends upward


def test_strangers_meet_nowhere_and_twins_anywhere() -> None:
    strangers = [score(s, interpolated(names(s)["end"], names(s)["other"], 0.5))[1] for s in SEEDS]
    twins = []
    for seed in SEEDS:  # fine-tuned once more, on other labels of the same pair
        one = {"pair": names(seed)["pair"], "pair_options": {}, "network": names(seed)["start"]}
        again = train(experiment(BOARDS["tuned"], seed + 50, **one))[2].network
        twins.append(score(seed, interpolated(names(seed)["end"], again, 0.5))[1])
    assert max(keep(LESSON, "strangers, 1/2", strangers)) < 0.6
    assert min(keep(LESSON, "twins, 1/2", twins)) > 0.85
    assert min(score(s, names(s)["other"])[1] for s in SEEDS) > 0.85


def test_a_network_and_its_reordered_self_are_one_function_and_have_no_average() -> None:
    for seed in SEEDS:
        start, shuffled = names(seed)["start"], names(seed)["shuffled"]
        twin = shuffled(start, torch.Generator().manual_seed(seed))
        x = torch.tensor(names(seed)["pair"].source_test.x)
        with torch.no_grad():
            torch.testing.assert_close(start.eval()(x)[1], twin.eval()(x)[1], rtol=1e-3, atol=1e-4)
        halfway = score(seed, interpolated(start, twin, 0.5))[0]
        tell("halfway to itself", [halfway])
        assert halfway < 0.75


def test_the_penalty_keeps_print_only_where_the_statistics_are_held() -> None:
    found = {board: np.array([after(board, s) for s in SEEDS]) for board in ("moving", "held")}
    found["plain held"] = np.array([after("held", seed, 0.0) for seed in SEEDS])
    for name, values in found.items():
        keep(LESSON, f"{name}, source", values[:, 0].tolist())
        keep(LESSON, f"{name}, target", values[:, 1].tolist())
    plain = np.array([on_the_line(seed, 1.0) for seed in SEEDS])
    gap = found["held"][:, 0] - found["moving"][:, 0]
    assert min(gap) > 0.02
    assert gap.mean() > 0.06
    assert (found["moving"] - plain)[:, 0].mean() < 0.02
    assert (found["held"] - plain)[:, 0].mean() > 0.02
    assert (found["held"] - plain)[:, 1].mean() > -0.04
    line = np.array([on_the_line(seed, 0.75) for seed in SEEDS])
    assert np.abs((found["held"] - line).mean(0)).max() < 0.06  # near α = 3/4


def test_a_larger_factor_does_not_make_up_for_moving_statistics() -> None:
    gap = [after("held", s)[0] - after("moving", s, 10.0)[0] for s in SEEDS]
    tell("held over moving with a = 10", gap)
    assert np.mean(gap) > 0.04


def test_a_new_head_that_is_held_learns_nothing() -> None:
    broken, right = [], []
    for seed in SEEDS:
        start = names(seed)["start"]
        fresh = start.with_head(names(seed)["pair"].class_names, seed=seed)
        for mistake, values in ((True, broken), (False, right)):
            values.append(
                score(seed, tuned(seed, copy.deepcopy(fresh), "theirs", mistake=mistake))[1]
            )
    tell("held head", broken)
    tell("head pulled to 0", right)
    assert max(broken) < 0.6
    assert min(np.subtract(right, broken)) > 0.25


def test_the_board_walks_the_same_line() -> None:
    seed = SEEDS[0]
    walk = experiment(
        BOARDS["line"], seed, network=names(seed)["start"], objective=Between(names(seed)["end"])
    ).build()
    while walk.step_number < 28:  # in the sixth eleventh of the run, at α = 1/2
        walk.step()
    assert score(seed, walk.network) == on_the_line(seed, 0.5)
