"""What lesson 18 claims of a probe, of scores that choose a source, and of a gain with the wrong zero, by its own cells."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from measured import SEEDS, every_seed, keep, tell
from notebook_runs import space

from tltutor.evaluation.gain import HARM, paired_gain

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "18"
SOURCES = ("from dataclasses", "changes = {", "def changed", "def probe")
TWELVE = (*SOURCES, "def trained", "candidates, gains", "table = ")
SCORES = ("a_distance", "size", "otdd", "h_score", "logme", "leep")


@cache
def names(seed: int) -> dict[str, Any]:
    return space(LESSON, seed, *TWELVE)


def test_the_probe_is_surest_of_the_best_source() -> None:
    for seed in SEEDS:
        pairs, probe = names(seed)["pairs"], names(seed)["probe"]
        found = {name: probe(pair) for name, pair in pairs.items()}
        assert found["pixel"] > 0.99
        assert found["mirrored"] == min(found.values()) < 0.9
        build, trained = names(seed)["tl"].build_network, names(seed)["trained"]
        accuracy = {
            name: trained(
                pairs[name],
                build("mlp", pairs[name], seed=seed, width=128),
                "source-only",
                seed,
                200,
            )[1]
            for name in ("pixel", "mirrored")
        }
        tell("pixel and mirrored", list(accuracy.values()))
        assert accuracy["pixel"] > accuracy["mirrored"] + 0.3


# --- section 2: twelve candidates


def taus(score: str) -> list[float]:
    tables = [names(seed)["table"] for seed in SEEDS]
    if score != "size":
        keep(LESSON, f"lost {score}", [table.regret(score) for table in tables])
    return keep(LESSON, f"tau {score}", [table.correlation(score).tau for table in tables])


@every_seed
def test_the_distance_does_not_rank_and_scores_with_labels_do() -> None:
    found = {score: taus(score) for score in SCORES}
    assert max(found["a_distance"]) < 0.1
    assert min(found["leep"]) > 0.3
    for score in ("leep", "logme", "h_score"):
        assert min(np.subtract(found[score], found["a_distance"])) > 0.3
    assert np.mean(np.subtract(found["leep"], found["size"])) > 0.15
    lost = [names(seed)["table"].regret("a_distance") for seed in SEEDS]
    assert min(lost) > 0.08
    assert max(names(seed)["table"].regret("leep") for seed in SEEDS) < 0.1


# --- section 4: ten seeds, and ten that chose nothing


@every_seed
def test_fine_tuning_gains_against_its_start_and_loses_against_no_transfer() -> None:
    three = space(LESSON, 0, *TWELVE[:5], "def three")["three"]
    found = {seed: three(seed) for seed in range(20)}
    of = {name: {s: row[name] for s, row in found.items()} for name in ("before", "after", "alone")}
    tell("after - before", [of["after"][s] - of["before"][s] for s in found])
    tell("after - alone", [of["after"][s] - of["alone"][s] for s in found])
    assert paired_gain(of["after"], of["before"]).low > 0.4
    assert paired_gain(of["after"], of["alone"]).verdict == HARM
    for ten in (range(10), range(10, 20)):
        assert np.mean([of["after"][s] - of["alone"][s] for s in ten]) < -0.02


@every_seed
def test_a_large_network_is_neither_helped_nor_harmed_by_the_inverted_digits() -> None:
    its, after, alone = names(0), {}, {}
    for seed in SEEDS:
        pair = its["changed"]("inverted", seed).with_target_labels(3, seed)
        new, old = (its["tl"].build_network("mlp", pair, seed=seed, width=128) for _ in "ab")
        start, _ = its["trained"](pair, old, "source-only", seed, steps=200)
        after[seed] = its["trained"](pair, start, "fine-tune", seed, steps=100)[1]
        alone[seed] = its["trained"](pair, new, "fine-tune", seed, steps=100)[1]
    tell("large: after - alone", [after[seed] - alone[seed] for seed in SEEDS])
    assert abs(paired_gain(after, alone).mean) < 0.03
    assert max(abs(after[seed] - alone[seed]) for seed in SEEDS) < 0.06
