"""What judges say at a look: from the points of the map alone, without a label of the target, and without touching the run."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_session import build, image_pair, same, weights

import tltutor as tl
from tltutor.domains.hashing import hashed_words
from tltutor.events import JUDGE
from tltutor.metrics.judges import (
    JUDGES,
    cross_weights,
    domain_weights,
    judge,
    mixed_inputs,
)

LIVE = set(JUDGES) - {"reverse"}  # which trains a second model


def judged(session):
    session.judging = True
    numbers = session.snapshot().numbers
    return {n.removeprefix(JUDGE): v for n, v in numbers.items() if n.startswith(JUDGE)}


def test_each_judge_is_that_of_the_snapshots_points():
    session = build(steps=6)
    list(session)
    found, points = judged(session), session.snapshot_points
    source, target = points.x[~points.is_target], points.x[points.is_target]
    (fs, zs), (ft, zt) = session.outputs(source, "source"), session.outputs(target, "target")
    partners = np.random.default_rng(session.seed).permutation(len(target))
    _, mixed = session.outputs(mixed_inputs(target, partners), "target")
    evidence = {
        "source_probabilities": zs.double().softmax(1).cpu().numpy(),
        "source_labels": points.labels[~points.is_target],
        "target_probabilities": zt.double().softmax(1).cpu().numpy(),
        "weights": cross_weights(fs.numpy(), ft.numpy()),
        "mixed_probabilities": mixed.double().softmax(1).cpu().numpy(),
        "mixing_partners": partners,
    }
    assert found.keys() == LIVE
    for name, value in judge(evidence).items():
        assert found[name] == pytest.approx(value, abs=1e-6), name


def test_no_judge_speaks_unless_asked():
    session = build()
    assert not any(name.startswith(JUDGE) for name in session.snapshot().numbers)


def test_target_labels_reach_no_judge():
    pair, rng = image_pair(), np.random.default_rng(5)
    test = replace(pair.target_test, y=rng.permutation(pair.target_test.y))
    one, two = build(pair=pair), build(pair=replace(pair, target_test=test))
    list(one), list(two)
    assert judged(one) == judged(two)


def test_without_held_out_source_examples_those_that_need_some_are_silent():
    found = judged(build(pair=replace(image_pair(), source_test=None)))
    assert found.keys() == {n for n in LIVE if "source_labels" not in JUDGES[n].needs}


def test_asking_after_every_step_changes_nothing():
    one, two = build(), build()
    two.judging = True
    for _ in range(6):
        one.step(), two.step()
        two.snapshot()
    assert same(weights(one), weights(two))


def test_a_network_that_overflowed_is_not_judged_and_one_of_hashed_words_is():
    session = build()
    with torch.no_grad():
        session.network.head.weight.fill_(torch.inf)
    assert judged(session) == {}
    texts = [f"good film {i}" for i in range(20)]
    hashed = [tl.Domain(n, hashed_words(texts), np.arange(20) % 2) for n in "st"]
    pair = tl.DomainPair(*hashed)
    assert "mixval" in judged(build(pair=pair, network=tl.build_network("mlp", pair)))


def test_weights_by_halves_are_each_halfs_by_the_other():
    rng = np.random.default_rng(0)
    s, t = rng.normal(size=(41, 3)), rng.normal(size=(30, 3)) + 0.5
    w = cross_weights(s, t)
    np.testing.assert_allclose(w[::2], domain_weights(s[1::2], t, s[::2]))
    np.testing.assert_allclose(w[1::2], domain_weights(s[::2], t, s[1::2]))
    with pytest.raises(ValueError, match="at least 2 source examples, got 1"):
        cross_weights(s[:1], t)
