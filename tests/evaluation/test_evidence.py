"""What a session gives the judges, against the same by hand; and no label of the target in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from test_session import image_pair

import tltutor as tl
from tltutor.evaluation.evidence import NAMES, evidence_of, pair_for_choosing
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.metrics import judges

MOONS = "moons->rotated-moons"


def trained(pair: tl.DomainPair, network: str = "mlp", **options: Any) -> tl.Session:
    session = tl.Session(
        pair,
        tl.build_network(network, pair, seed=0, **options),
        tl.objectives.DANN(),
        steps=10,
        batch_size=16,
        seed=3,
        device="cpu",
    )
    list(session)
    return session


def test_the_pair_for_choosing_has_no_target_labels_and_holds_out_a_stratified_part() -> None:
    pair = tl.load_pair(MOONS, seed=1)
    chosen = pair_for_choosing(pair, 0.25, seed=2)
    assert chosen.target.y is None
    assert chosen.target_test is None
    np.testing.assert_array_equal(chosen.target.x, pair.target.x)
    held = chosen.source_test
    assert held is not None
    assert (len(chosen.source), len(held)) == (450, 150)
    assert held.y is not None
    assert np.bincount(held.y).tolist() == [75, 75]
    rows = {row.tobytes() for row in (*chosen.source.x, *held.x)}
    assert rows == {row.tobytes() for row in pair.source.x}, "of the source, and all of it"
    assert pair_for_choosing(pair.with_target_labels(3)).target_labeled is not None


def test_the_evidence_is_what_the_session_says_of_held_out_source_and_target() -> None:
    pair = pair_for_choosing(tl.load_pair(MOONS, seed=1), seed=2)
    session = trained(pair)
    found = evidence_of(session)
    assert set(found) == set(NAMES)
    assert pair.source_test is not None
    for side, x in (("source", pair.source_test.x), ("target", pair.target.x)):
        features, logits = session.outputs(x, side)
        np.testing.assert_array_equal(found[f"{side}_features"], features)
        p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)
        np.testing.assert_allclose(found[f"{side}_probabilities"], p, rtol=1e-5)
    np.testing.assert_array_equal(found["source_labels"], pair.source_test.y)
    seen = session.outputs(pair.source.x, "source")[0]
    weights = judges.domain_weights(seen, found["target_features"], found["source_features"])
    np.testing.assert_allclose(found["weights"], weights)
    scores = judges.judge(found)
    assert set(scores) == set(USABLE) == set(judges.JUDGES) - {"reverse"}
    assert np.isfinite(list(scores.values())).all()


def test_images_are_mixed_as_the_network_sees_them() -> None:
    pair = pair_for_choosing(image_pair())
    session = trained(pair, "lenet", channels=(4, 6), width=8)
    found = evidence_of(session)
    partners = found["mixing_partners"]
    assert sorted(partners) == list(range(len(pair.target)))
    x = pair.target.x if pair.target.x.dtype != np.uint8 else pair.target.x.astype(np.float32) / 255
    mixed = 0.55 * x + 0.45 * x[partners]
    p = torch.softmax(session.outputs(mixed.astype(np.float32), "target")[1], 1).numpy()
    np.testing.assert_allclose(found["mixed_probabilities"], p, atol=1e-5)


def test_of_many_examples_some_are_drawn() -> None:
    session = trained(pair_for_choosing(tl.load_pair(MOONS)))
    whole, some = evidence_of(session), evidence_of(session, most=50)
    rows = {tuple(p) for p in whole["target_features"]}
    assert len(some["target_features"]) == len(some["mixed_probabilities"]) == 50
    assert {tuple(p) for p in some["target_features"]} < rows
    held = session.pair.source_test
    assert held is not None
    order = [
        np.flatnonzero((whole["source_features"] == f).all(1))[0] for f in some["source_features"]
    ]
    np.testing.assert_array_equal(some["source_labels"], held.y[order])
    assert len(some["weights"]) == 50
    again = evidence_of(session, most=50)
    assert all(np.array_equal(some[name], again[name]) for name in NAMES)


def test_labels_of_the_target_change_nothing() -> None:
    pair = tl.load_pair(MOONS, seed=1)
    assert pair.target.y is not None
    other = replace(pair, target=replace(pair.target, y=1 - pair.target.y))
    one, two = (evidence_of(trained(pair_for_choosing(p))) for p in (pair, other))
    for name in NAMES:
        np.testing.assert_array_equal(one[name], two[name])


def test_a_pair_that_holds_out_no_source_is_refused_and_the_remedy_works() -> None:
    pair = tl.load_pair(MOONS)
    whole = tl.DomainPair(pair.source, pair.target)
    with pytest.raises(ValueError, match=r"without source_test: train on .*pair_for_choosing"):
        evidence_of(trained(whole))
    evidence_of(trained(pair_for_choosing(whole)))
