"""Label propagation by optimal transport: against POT, by hand, and where it must fail."""

import numpy as np
import ot
import pytest

from tltutor.classical import LabelTransport, adapted
from tltutor.classical.label_transport import propagated
from tltutor.classical.transport import cost_matrix, sinkhorn_plan
from tltutor.domains import load_pair


def test_the_labels_are_those_that_pot_propagates():
    rng = np.random.default_rng(0)
    xs, xt, ys = rng.normal(size=(30, 2)), rng.normal(size=(17, 2)) + 1, rng.integers(3, size=30)
    peer = ot.da.SinkhornTransport(reg_e=0.5, norm="median").fit(Xs=xs, ys=ys, Xt=xt)
    peer.coupling_ = sinkhorn_plan(cost_matrix(xs, xt), 0.5)
    np.testing.assert_allclose(
        propagated(peer.coupling_, ys), peer.transform_labels(ys), rtol=1e-9, atol=1e-12
    )


def test_by_hand():
    plan = np.array([[0.2, 0.0], [0.1, 0.1], [0.0, 0.6]])
    found = propagated(plan, np.array([0, 1, 1]))
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3], [0, 1]])
    with pytest.raises(ValueError, match="lost some of its mass.*raise reg_e"):
        propagated(np.array([[0.5, 0.0]]), np.array([0]))


def test_the_target_is_learned_where_its_classes_moved_and_shares_stayed():
    gains = []
    for seed in range(5):
        pair = load_pair("bands->subspace-shift", seed=seed, n_samples=300)
        model = LabelTransport().fit(pair.source.x, pair.source.y, target=pair.target.x)
        plain = LabelTransport().fit(pair.source.x, pair.source.y, target=pair.source.x)
        test = pair.target_test
        gains.append(model.score(test.x, test.y) - plain.score(test.x, test.y))
    assert np.mean(gains) > 0.1


def test_where_shares_differ_it_gives_the_target_the_sources_shares():
    pair = load_pair("blobs->label-shift", seed=0)
    model = LabelTransport().fit(pair.source.x, pair.source.y, target=pair.target.x)
    shares = model.target_probabilities_.mean(0)
    np.testing.assert_allclose(shares, np.bincount(pair.source.y) / len(pair.source), atol=0.02)
    truth = np.bincount(pair.target.y) / len(pair.target)
    assert np.abs(shares - truth).max() > 0.2, "the limit that its docstring states"


def test_an_estimator_of_ones_own_learns_the_target():
    from sklearn.tree import DecisionTreeClassifier

    pair = load_pair("blobs->conditional-shift", seed=0, n_samples=60)
    names = np.array(["a", "b", "c", "d"])[pair.source.y]
    model = adapted(LabelTransport(), DecisionTreeClassifier(max_depth=3, random_state=0))
    model.fit(pair.source.x, names, target=pair.target.x)
    assert isinstance(model.estimator_, DecisionTreeClassifier)
    assert set(model.predict(pair.target.x)) <= set(names)
