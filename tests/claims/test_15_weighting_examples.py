"""What lesson 15 claims outside its boards: a line under flattened weights, and weights for the wrong factor; boards: claims.toml."""

from __future__ import annotations

from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest
from boards import read_boards
from measured import SEEDS, keep
from sklearn.linear_model import LogisticRegression

import tltutor as tl
from tltutor.classical import effective_sample_size
from tltutor.domains import toys
from tltutor.domains.densities import density_ratio

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "15"
BOARDS = read_boards(LESSON)
WAVE = "wave->covariate-shift"
POWERS = (0, 0.25, 0.5, 0.75, 1)


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["weighted"] == BOARDS["line"] | {"weight": 1.0}
    assert BOARDS["network-weighted"] == BOARDS["network"] | {"weight": 1.0}
    assert BOARDS["network"] == BOARDS["line"] | {"network": "mlp", "steps": 400}
    assert BOARDS["theirs"] == BOARDS["weighted"] | {"fault": "upside-down"}
    assert BOARDS["mine"] == BOARDS["weighted"] | {"batch_size": 50}


def line(w: np.ndarray, x: np.ndarray, y: np.ndarray, judge: tuple[np.ndarray, np.ndarray]) -> Any:
    model = LogisticRegression(C=100)
    model.fit(x, y, sample_weight=w / w.mean())
    return model.score(*judge), effective_sample_size(w)


@cache
def waves(seed: int) -> tl.DomainPair:
    return tl.load_pair(WAVE, seed=seed, n_samples=300)


def powers(seed: int) -> list[tuple[float, float]]:
    pair = waves(seed)
    assert pair.target_test is not None
    exact = density_ratio(WAVE, pair.source.x, n_samples=300)
    judge = pair.target_test.x, pair.target_test.y
    return [line(exact**k, pair.source.x, pair.source.y, judge) for k in POWERS]


def test_a_small_exponent_gains_most_of_it_and_keeps_most_examples() -> None:
    found = np.array([powers(seed) for seed in SEEDS])  # seed, power, (accuracy, effective)
    for k in (1, 4):
        keep(LESSON, f"power {POWERS[k]:g}", found[:, k, 0])
        keep(LESSON, f"effective {POWERS[k]:g}", found[:, k, 1])
    gained = found[:, :, 0] - found[:, :1, 0]
    assert (gained[:, 4] > 0.07).all()
    assert gained[:, 1].mean() > 0.5 * gained[:, 4].mean()
    assert (found[:, 1, 1] > 150).all()
    assert (found[:, 4, 1] < 30).all()
    assert (np.diff(found[:, :, 1]) < 0).all()


def test_the_probes_odds_are_nearly_exact_here() -> None:
    for seed in SEEDS:
        xs, xt = waves(seed).source.x, waves(seed).target.x
        exact = density_ratio(WAVE, xs, n_samples=300)
        probe = LogisticRegression().fit(np.concatenate([xs, xt]), np.repeat([0, 1], 300))
        assert np.corrcoef(np.log(exact), probe.decision_function(xs))[0, 1] > 0.97


def shifts(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cloud: Any = {"centers": toys.CENTERS / 2, "spread": 0.9}
    other: Any = {"shares": np.array([0.1, 0.2, 0.7]), **cloud}
    bs, by = toys.blobs(400, rng, **cloud)
    bt, _ = toys.blobs(400, rng, **other)
    held_out, pair = toys.blobs(2000, rng, **other), waves(seed)
    test = pair.target_test
    assert test is not None
    return {
        "covariate": (pair.source.x.astype(float), pair.source.y, pair.target.x, (test.x, test.y)),
        "label": (bs, by, bt, held_out),
    }


def test_each_kind_of_weights_gains_under_one_shift_alone() -> None:
    kinds = {"none": None, "by place": tl.classical.RuLSIF(), "by class": tl.classical.BBSE()}
    found: dict[tuple[str, str], list[float]] = {}
    for seed in SEEDS:
        for shift, (x, y, xt, judge) in shifts(seed).items():
            for name, kind in kinds.items():
                w = np.ones(len(x)) if kind is None else kind.fit(x, y, target=xt).weights_
                found.setdefault((shift, name), []).append(line(w, x, y, judge)[0])
    for (shift, name), values in found.items():
        keep(LESSON, f"{shift}, {name}", values)

    def gains(shift: str, name: str) -> np.ndarray:
        return np.subtract(found[shift, name], found[shift, "none"])

    assert min(gains("covariate", "by place")) > 0.07
    assert min(gains("label", "by class")) > 0.03
    assert max(np.abs(gains("label", "by place"))) < 0.03
    assert mean(gains("covariate", "by class")) < -0.02
    assert max(gains("covariate", "by class")) < 0
