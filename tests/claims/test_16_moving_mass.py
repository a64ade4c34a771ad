"""What lesson 16 claims of plans on the inputs: the least mass to another class is the total variation; boards: claims.toml."""

from __future__ import annotations

from functools import cache
from statistics import mean

import numpy as np
import pytest
from boards import read_boards
from measured import SEEDS, keep
from sklearn.linear_model import LogisticRegression

import tltutor as tl
from tltutor.lessons.scoring import judged
from tltutor.lessons.wording import script

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "16"
BOARDS = read_boards(LESSON)
METHODS = {
    "exact": tl.classical.EMD(),
    "entropy 1": tl.classical.Sinkhorn(reg_e=1.0),
    "unbalanced": tl.classical.Unbalanced(reg_e=0.05, reg_m=0.1),
}


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["moved"] == BOARDS["alone"] | {"weight": 1.0}
    equal = {"fault": "each-with-each", "pair_options": {"severity": 0.0}}
    assert BOARDS["theirs"] == BOARDS["moved"] | equal
    assert BOARDS["mine"] == BOARDS["moved"]


@cache
def rows(seed: int) -> dict[str, float]:
    pair = tl.load_pair("blobs->label-shift", seed=seed)
    test = pair.target_test
    assert test is not None
    xs, ys = pair.source.x.astype(float), pair.source.y
    xt, yt = pair.target.x.astype(float), pair.target.y
    line = LogisticRegression(max_iter=1000)
    shares = [np.bincount(y, minlength=3) / len(y) for y in (ys, yt)]
    found = {
        "total variation": float(abs(shares[0] - shares[1]).sum() / 2),
        "not moved, accuracy": line.fit(xs, ys).score(test.x, test.y),
    }
    for name, method in METHODS.items():
        moved = method.fit_transform(xs, ys, target=xt)
        plan = method.coupling_
        found[f"{name}, other class"] = float(plan[ys[:, None] != yt].sum() / plan.sum())
        found[f"{name}, sent"] = float(plan.sum())
        found[f"{name}, accuracy"] = line.fit(moved, ys).score(test.x, test.y)
    return found


def column(name: str) -> list[float]:
    return [rows(seed)[name] for seed in SEEDS]


def test_what_the_lesson_prints_is_kept() -> None:
    for name in rows(SEEDS[0]):
        keep(LESSON, name, column(name))


def test_the_cheapest_plan_sends_the_total_variation_to_another_class() -> None:
    for across, least in zip(column("exact, other class"), column("total variation"), strict=True):
        assert least - 1e-9 <= across < least + 0.01
        guess = script(LESSON).predict["mass"]
        assert judged(guess, least, across).right


def test_unbalanced_transport_leaves_it_behind_and_entropy_does_not() -> None:
    assert max(column("unbalanced, other class")) < 0.1
    assert max(column("unbalanced, sent")) < 0.8
    assert min(column("entropy 1, other class")) > max(column("exact, other class"))


def test_no_plan_beats_the_points_that_were_not_moved() -> None:
    plain = column("not moved, accuracy")
    for name in METHODS:
        assert max(np.subtract(column(f"{name}, accuracy"), plain)) < 0.005
    assert max(np.subtract(column("exact, accuracy"), column("entropy 1, accuracy"))) < -0.05
    assert mean(np.subtract(column("unbalanced, accuracy"), column("exact, accuracy"))) > 0.15
