"""TrAdaBoost and TrAdaBoost.R2 against the papers' steps written out, and what their labeled target points are for."""

import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tltutor.classical import TrAdaBoost, TrAdaBoostR2
from tltutor.classical.boosting import fade, reweigh
from tltutor.classical.tradaboost_r2 import weighted_median
from tltutor.domains import load_pair


def turned(n_s=60, n_t=12, seed=0):
    """Two classes; in the target the border is another one."""
    rng = np.random.default_rng(seed)
    xs, xt = rng.normal(size=(n_s, 2)), rng.normal(size=(n_t, 2))
    return xs, (xs[:, 0] > 0).astype(int), xt, (xt[:, 1] > 0).astype(int)


def test_how_fast_a_wrong_source_point_fades():
    assert fade(100, 20) == pytest.approx(1 / (1 + np.sqrt(2 * np.log(100) / 20)))


def test_a_round_reweighs_as_the_paper_does():
    w = np.array([0.1, 0.2, 0.3, 0.1, 0.3])  # two source points, three of the target
    wrong = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    new, beta_t = reweigh(w, wrong, 2, 10)
    error = 0.1 / 0.7  # the target's alone
    assert beta_t == pytest.approx(error / (1 - error))
    wanted = np.array([0.1 * fade(2, 10), 0.2, 0.3, 0.1 / beta_t, 0.3])
    assert new == pytest.approx(wanted / wanted.sum())


@pytest.mark.parametrize(("wrong", "error"), [(np.ones(4), 0.499), (np.zeros(4), 1e-10)])
def test_an_error_that_the_paper_excludes_stays_finite(wrong, error):
    new, beta_t = reweigh(np.full(4, 0.25), wrong, 2, 10)
    assert beta_t == pytest.approx(error / (1 - error))
    assert np.isfinite(new).all()


def test_tradaboost_follows_figure_1_of_the_paper():
    xs, ys, xt, yt = turned()
    rounds = 7
    model = TrAdaBoost(DecisionTreeClassifier(max_depth=1), rounds).fit(
        xs, ys, target=xt, target_labels=yt
    )
    x, y, w, n = np.concatenate([xs, xt]), np.concatenate([ys, yt]), np.ones(72), 60
    beta = 1 / (1 + np.sqrt(2 * np.log(n) / rounds))
    rng = np.random.RandomState(0)
    hypotheses, betas = [], []
    for _ in range(rounds):
        p = w / w.sum()
        h = DecisionTreeClassifier(max_depth=1, random_state=rng.randint(2**31 - 1)).fit(
            x, y, sample_weight=p * 72
        )
        off = np.abs(h.predict(x) - y)
        error = min((w[n:] * off[n:]).sum() / w[n:].sum(), 0.499)
        betas.append(error / (1 - error))
        hypotheses.append(h)
        w = np.array(
            [w[i] * beta ** off[i] if i < n else w[i] * betas[-1] ** -off[i] for i in range(72)]
        )
    grid = np.random.default_rng(1).normal(size=(50, 2))
    late = range(3, 7)  # t = ceil(N / 2) .. N, counted from 1
    left = np.prod([betas[t] ** -hypotheses[t].predict(grid).astype(float) for t in late], axis=0)
    wanted = (left > np.prod([betas[t] ** -0.5 for t in late])).astype(int)
    assert model.betas_ == pytest.approx(betas)
    assert list(model.predict(grid)) == list(wanted)
    assert np.array_equal(model.decision_function(grid) > 0, wanted == 1)


def test_tradaboost_r2_follows_the_paper():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(40, 1)), rng.normal(size=(10, 1))
    ys, yt = np.sin(xs[:, 0]), np.cos(xt[:, 0])
    rounds = 6
    model = TrAdaBoostR2(DecisionTreeRegressor(max_depth=2), rounds).fit(
        xs, ys, target=xt, target_labels=yt
    )
    x, y, w = np.concatenate([xs, xt]), np.concatenate([ys, yt]), np.full(50, 1 / 50)
    beta = 1 / (1 + np.sqrt(2 * np.log(40) / rounds))
    seeds = np.random.RandomState(0)
    for t in range(rounds):
        h = DecisionTreeRegressor(max_depth=2, random_state=seeds.randint(2**31 - 1)).fit(
            x, y, sample_weight=w * 50
        )
        off = np.abs(h.predict(x) - y)
        off /= off.max()
        error = min((w[40:] * off[40:]).sum() / w[40:].sum(), 0.499)
        beta_t = error / (1 - error)
        assert model.betas_[t] == pytest.approx(beta_t)
        w = w * np.concatenate([beta ** off[:40], beta_t ** -off[40:]])
        w /= w.sum()
    predicted = np.array([e.predict(xt) for e in model.estimators_[2:]])
    assert model.predict(xt) == pytest.approx(
        weighted_median(predicted, np.log(1 / model.betas_[2:]))
    )


def test_the_weighted_median_by_counting():
    values = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 3.0]])
    assert list(weighted_median(values, np.array([1.0, 1.0, 1.0]))) == [2, 4]
    assert list(weighted_median(values, np.array([5.0, 1.0, 1.0]))) == [1, 5]
    assert list(weighted_median(values, np.array([1.0, 1.0, 2.0]))) == [2, 3]


def test_the_source_fades_where_the_target_contradicts_it():
    xs, ys, xt, yt = turned(n_t=30)
    left = TrAdaBoost(LogisticRegression()).fit(xs, ys, target=xt, target_labels=yt).source_weights_
    fits = ys == (xs[:, 1] > 0)
    assert left[fits].mean() > 10 * left[~fits].mean()


def test_a_few_target_labels_help_on_turned_blobs():
    gains = []
    for seed in range(3):
        pair = load_pair("blobs->conditional-shift", seed=seed).with_target_labels(3, seed=seed)
        test, few = pair.target_test, pair.target_labeled
        boosted = TrAdaBoost().fit(pair.source.x, pair.source.y, target=few.x, target_labels=few.y)
        alone = DecisionTreeClassifier(max_depth=2, random_state=0).fit(
            pair.source.x, pair.source.y
        )
        gains.append(boosted.score(test.x, test.y) - alone.score(test.x, test.y))
    assert min(gains) > 0


def test_labels_may_be_words():
    xs, ys, xt, yt = turned()
    words = np.array(["no", "yes"])
    model = TrAdaBoost().fit(xs, words[ys], target=xt, target_labels=words[yt])
    assert set(model.predict(xt)) <= {"no", "yes"}
    assert list(words[TrAdaBoost().fit(xs, ys, target=xt, target_labels=yt).predict(xs)]) == list(
        model.predict(xs)
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"target": np.ones((3, 2))},
            "tradaboost needs target and target_labels, got only one of them: pass both, or take another",
        ),
        (
            {"target_labels": [0, 1]},
            "tradaboost needs target and target_labels, got only one of them",
        ),
        (
            {"target": np.ones((3, 2)), "target_labels": [0, 1]},
            "target_labels must have shape (3,), one for each row of target, got (2,)",
        ),
        (
            {"target": np.ones((2, 3)), "target_labels": [0, 1]},
            "target must have shape (n_t, 2), at least one row and as many columns",
        ),
    ],
)
def test_wrong_target_labels_get_one_sentence(more, sentence):
    xs, ys, _, _ = turned()
    with pytest.raises(ValueError, match=re.escape(sentence)):
        TrAdaBoost().fit(xs, ys, **more)


def test_an_estimator_without_sample_weights_is_refused_with_the_remedy():
    xs, ys, xt, yt = turned()
    with pytest.raises(
        TypeError,
        match="the estimator must take sample_weight in fit, and KNeighborsClassifier does not: take",
    ):
        TrAdaBoost(KNeighborsClassifier()).fit(xs, ys, target=xt, target_labels=yt)


def test_each_round_draws_its_own_seed_from_the_methods():
    xs, ys, xt, yt = turned()
    for seed in (0, 1):
        model = TrAdaBoost(DecisionTreeClassifier(max_depth=1), 4, random_state=seed).fit(
            xs, ys, target=xt, target_labels=yt
        )
        wanted = np.random.RandomState(seed).randint(2**31 - 1, size=4)
        assert [e.random_state for e in model.estimators_] == list(wanted)
