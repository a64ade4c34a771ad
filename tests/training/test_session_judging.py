"""How a session judges: each domain by its own BatchNorm statistics, and on what was held out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_session import build, image_pair

import tltutor as tl
from tltutor.networks.batchnorm import domain_layers
from tltutor.networks.extraction import FrozenFeatures
from tltutor.training.snapshot import choose_points, evaluation_domains


def apart():
    """A session under separate statistics, the two domains' far apart, and the logits of each domain by hand."""
    session = build("source-only-target-bn", steps=40)
    list(session)
    for i, layer in enumerate(domain_layers(session.network)):
        layer.target_mean += torch.linspace(-2, 2, len(layer.target_mean)) * (1 + i)

    def by_hand(x, domain):
        with torch.no_grad():
            modes = [m.training for m in session.network.modules()]
            found = session.network.eval().on(domain)(torch.tensor(x))
            for module, mode in zip(session.network.modules(), modes, strict=True):
                module.training = mode
            return found

    return session, by_hand


def test_each_domain_is_predicted_and_evaluated_with_its_own_statistics():
    session, by_hand = apart()
    scores = session.evaluate()
    for side, domain in (
        ("source", session.pair.source_test),
        ("target", session.pair.target_test),
    ):
        right, wrong = (
            by_hand(domain.x, d)[1].argmax(1).numpy()
            for d in ((side, "target" if side == "source" else "source"))
        )
        np.testing.assert_array_equal(session.predict(domain.x, side), right)
        assert (right != wrong).any()
        assert (right == domain.y).mean() != (wrong == domain.y).mean()
        assert scores[f"{side}_accuracy"] == pytest.approx((right == domain.y).mean())
    np.testing.assert_array_equal(
        session.predict(domain.x), right
    )  # an example is the target's unless it is said to be the source's


def test_each_domain_is_looked_at_with_its_own_statistics():
    session, by_hand = apart()
    looked, points = session.snapshot(), session.snapshot_points
    for side, rows in (("source", ~points.is_target), ("target", points.is_target)):
        features, logits = by_hand(points.x[rows], side)
        np.testing.assert_allclose(looked.features[rows], features.numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(looked.predictions[rows], logits.argmax(1).numpy())
        assert looked.numbers[f"{side}_accuracy"] == pytest.approx(
            (looked.predictions[rows] == points.labels[rows]).mean()
        )


def test_decision_regions_are_the_targets():
    pair = tl.load_pair("moons->rotated-moons", seed=0)
    session = tl.Session(
        pair,
        tl.build_network("mlp", pair, batchnorm=True),
        tl.objectives.SourceOnlyTargetBN(),
        steps=5,
        batch_size=8,
        device="cpu",
    )
    list(session)
    for layer in domain_layers(session.network):
        layer.target_mean += 1.0
    grid, (left, bottom, right, top) = (
        session.snapshot().regions.grid,
        session.snapshot().regions.box,
    )
    middles = (np.arange(len(grid)) + 0.5) / len(grid)
    row = np.stack(
        [
            left + middles * (right - left),
            np.full(len(grid), bottom + middles[20] * (top - bottom)),
        ],
        1,
    )
    np.testing.assert_array_equal(grid[20], session.predict(row.astype(np.float32), "target"))
    assert (
        session.predict(row.astype(np.float32), "target")
        != session.predict(row.astype(np.float32), "source")
    ).any()


def test_each_domain_is_judged_on_what_it_holds_out_and_on_its_training_part_only_where_it_holds_out_nothing():
    pair = image_pair(n=60)
    upside_down = [
        replace(d, y=(d.y + 1) % 3) for d in (pair.source_test, pair.target_test)
    ]  # no prediction is right twice
    session = build(
        "source-only",
        pair=replace(pair, source_test=upside_down[0], target_test=upside_down[1]),
        steps=60,
    )
    list(session)
    for side, held_out, training in (
        ("source", upside_down[0], pair.source),
        ("target", upside_down[1], pair.target),
    ):
        by_hand = (session.predict(held_out.x, side) == held_out.y).mean()
        assert session.evaluate()[f"{side}_accuracy"] == pytest.approx(by_hand)
        assert by_hand != (session.predict(training.x, side) == training.y).mean()
    bare = replace(pair, source_test=None, target_test=None)
    assert evaluation_domains(bare) == (pair.source, pair.target)
    assert evaluation_domains(replace(pair, source_test=None)) == (pair.source, pair.target_test)


def test_the_maps_points_come_from_what_is_held_out_half_from_each_domain():
    pair = image_pair(n=60)
    pair = replace(pair, target=tl.Domain("t", 1 - pair.target.x, pair.target.y))
    points = choose_points(pair, 20, seed=3)
    assert points.is_target.sum() == (~points.is_target).sum() == 10
    for rows, domain in (
        (~points.is_target, pair.source_test),
        (points.is_target, pair.target_test),
    ):
        where = [np.flatnonzero((domain.x == x).all((1, 2, 3))) for x in points.x[rows]]
        assert all(len(found) == 1 for found in where)
        np.testing.assert_array_equal(points.labels[rows], domain.y[np.concatenate(where)])
        assert len(set(np.concatenate(where))) == 10
    assert not np.array_equal(points.x, choose_points(pair, 20, seed=4).x)


def bars(n=80):
    """Gray images (n, 1, 16, 16) uint8 of two classes: all bright, or with a dark left half."""
    rng = np.random.default_rng(0)
    x, y = (rng.random((n, 1, 16, 16)) * 255).astype(np.uint8), np.arange(n) % 2
    x[y == 1, :, :, :8] //= 4
    return x, y


def test_the_same_images_as_uint8_and_as_floats_are_the_same_domain_on_the_map_and_in_every_mode():
    """Each form is allowed; where the two meet they must mean the same."""
    x, y = bars()
    as_float = (x / 255).astype(np.float32)
    for batchnorm in ("separate", "joint", "source"):
        sessions = []
        for xt in (x, as_float):
            pair = tl.DomainPair(tl.Domain("s", x, y), tl.Domain("t", xt, y))
            sessions.append(
                build("dann", pair=pair, steps=20, batchnorm=batchnorm, snapshot_size=80)
            )
            list(sessions[-1])
        alike, mixed = sessions
        np.testing.assert_allclose(
            mixed.snapshot().features, alike.snapshot().features, rtol=1e-3, atol=1e-4
        )
        assert mixed.evaluate() == alike.evaluate()
        assert mixed.snapshot().numbers["target_accuracy"] == mixed.evaluate()["target_accuracy"]
        assert mixed.snapshot().numbers["domain_probe_accuracy"] < 0.9


def test_predict_takes_what_a_domain_takes_and_says_what_it_does_not():
    x, y = bars()
    pair = tl.DomainPair(tl.Domain("s", x, y), tl.Domain("t", x, y))
    session = build("source-only", pair=pair, steps=20)
    list(session)
    right = session.predict(x, "source")
    for alike in (x.astype(np.int64), (x / 255).astype(np.float32), (x / 255).tolist()):
        np.testing.assert_array_equal(session.predict(alike, "source"), right)
    refused = {
        "0..254.*divide by 255 or pass uint8": x.astype(np.float32),
        r"-1..0.99.*\(x \+ 1\) / 2": x / 127.5 - 1,
        "NaN or infinity in 1 .*remove or impute": np.where(
            np.arange(256).reshape(1, 1, 16, 16) == 3, np.nan, x[:1] / 255
        ),
        "must be real numbers.*got dtype <U1": np.array([["a"]]),
        r"must have shape \(n, 1, 16, 16\)": x[:, :, :8],
    }
    features = FrozenFeatures(session.network)
    for words, wrong in refused.items():
        for door in (session.predict, features.transform):
            with pytest.raises((ValueError, TypeError), match=words):
                door(wrong)
    np.testing.assert_array_equal(
        session.predict((x / 127.5 - 1 + 1) / 2, "source"), right
    )  # the remedy
    assert session.predict(x[:0]).shape == (0,)
    assert features.transform(x[:0]).shape == (0, 8)
    with pytest.raises(ValueError, match="no domain is called 'tagret': did you mean 'target'"):
        session.predict(x, "tagret")
