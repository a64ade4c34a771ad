"""Measures of answers against scikit-learn, closed forms and plain loops; their bootstrap against samples drawn one by one."""

from __future__ import annotations

import math
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from cases import for_each
from sklearn import metrics as peer
from sklearn.calibration import calibration_curve

from tltutor.metrics import (
    MEASURES,
    accuracy,
    average_precision,
    balanced_accuracy,
    bootstrap,
    calibration_error,
    compare,
    confusion_matrix,
    estimate,
    f1,
    precision,
    recall,
    reliability_curve,
    roc_auc,
    side_by_side,
)
from tltutor.metrics.resampling import _counts


def answers(n=120, k=4, seed=0, sure=1.5):
    """Probabilities (n, k) with ties, and labels (n,) of unequal classes."""
    rng = np.random.default_rng(seed)
    y = rng.choice(k, size=n, p=np.arange(1, k + 1) / (k * (k + 1) / 2))
    z = np.round(rng.normal(size=(n, k)) + sure * np.eye(k)[y], 1)
    p = np.exp(z)
    return p / p.sum(1, keepdims=True), y


def theirs(p, y, weights=None):
    """Every measure of probabilities by scikit-learn."""
    q, w = p.argmax(1), weights
    confidence, right = p.max(1), p.argmax(1) == y
    w_ = np.ones(len(y)) if w is None else w
    rows = [
        w_[here].sum()
        / w_.sum()
        * abs(
            np.average(right[here], weights=w_[here])
            - np.average(confidence[here], weights=w_[here])
        )
        for lower in range(15)
        if w_[here := (confidence > lower / 15) & (confidence <= (lower + 1) / 15)].any()
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes without examples
        return {
            "accuracy": peer.accuracy_score(y, q, sample_weight=w),
            "balanced_accuracy": peer.balanced_accuracy_score(y, q, sample_weight=w),
            "macro_f1": peer.f1_score(y, q, average="macro", sample_weight=w, zero_division=0),
            "roc_auc": np.mean(
                [peer.roc_auc_score(y == c, p[:, c], sample_weight=w) for c in np.unique(y)]
            ),
            "average_precision": np.mean(
                [
                    peer.average_precision_score(y == c, p[:, c], sample_weight=w)
                    for c in np.unique(y)
                ]
            ),
            "calibration_error": sum(rows),
        }


# --- values


def test_all_measures_are_scikit_learns():
    for seed, k in ((0, 4), (1, 2), (2, 10)):
        p, y = answers(k=k, seed=seed)
        for name, value in theirs(p, y).items():
            assert MEASURES[name](p, y) == pytest.approx(value, abs=1e-12), name
        w = np.random.default_rng(seed).random(len(y)) + 0.1
        for name, value in theirs(p, y, w).items():
            assert MEASURES[name](p, y, weights=w) == pytest.approx(value, abs=1e-12), name
    p, y = answers(k=2)
    one = np.round(p[:, 1], 2)
    assert roc_auc(np.column_stack([1 - one, one]), y) == pytest.approx(peer.roc_auc_score(y, one))


def test_a_stack_of_weights_gives_what_each_gives_alone():
    p, y = answers()
    w = np.random.default_rng(3).integers(0, 4, size=(5, len(y)))
    for measure in MEASURES.values():
        alone = [measure(p, y, weights=one) for one in w]
        np.testing.assert_allclose(measure(p, y, weights=w), alone, rtol=1e-12)


def test_unlabeled_points_do_not_count():
    p, y = answers()
    hidden = np.where(np.arange(len(y)) % 3 == 0, -1, y)
    for name, measure in MEASURES.items():
        kept = hidden >= 0
        assert measure(p, hidden) == pytest.approx(measure(p[kept], y[kept]), abs=1e-12), name
    assert confusion_matrix(p.argmax(1), hidden).sum() == kept.sum()


def test_tensors_of_any_precision_are_taken():
    p, y = answers()
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        rows = torch.tensor(p).to(dtype)
        assert roc_auc(rows, torch.tensor(y)) == roc_auc(rows.double().numpy(), y)


def test_confusion_counts_and_shares():
    p, y = answers()
    q = p.argmax(1)
    assert type(accuracy(q, y)) is float
    np.testing.assert_array_equal(confusion_matrix(q, y), peer.confusion_matrix(y, q))
    for share, normalize in (("true", "true"), ("predicted", "pred")):
        np.testing.assert_allclose(
            confusion_matrix(q, y, share_of=share), peer.confusion_matrix(y, q, normalize=normalize)
        )
    found = confusion_matrix([0, 0], [0, 1], n_classes=3, share_of="true")
    np.testing.assert_array_equal(found[1], [1, 0, 0])
    assert np.isnan(found[2]).all()
    assert np.trace(confusion_matrix(q, y)) / len(y) == accuracy(q, y)


def test_by_class_macro_and_weighted_means_are_scikit_learns():
    rng = np.random.default_rng(0)
    y, q = rng.integers(5, size=80), rng.integers(5, size=80)
    q[q == 3] = 1  # class 3 is never predicted
    y[y == 4] = 0  # class 4 is predicted and never true
    pairs = (
        (precision, peer.precision_score),
        (recall, peer.recall_score),
        (f1, peer.f1_score),
    )
    for ours, their in pairs:
        for average, name in (("none", None), ("macro", "macro"), ("weighted", "weighted")):
            np.testing.assert_allclose(
                ours(q, y, average), their(y, q, average=name, zero_division=0), rtol=1e-12
            )
    never = precision(np.array([0, 2]), np.array([0, 2]), "none")  # class 1 is on neither side
    np.testing.assert_array_equal(never, [1, np.nan, 1])
    assert precision(np.array([0, 2]), np.array([0, 2])) == 1


def test_guessing_one_class_is_worth_nothing_where_classes_count_alike():
    y = np.repeat([0, 1, 2], [80, 10, 10])
    q = np.zeros(100, int)
    assert accuracy(q, y) == 0.8
    assert balanced_accuracy(q, y) == pytest.approx(1 / 3)
    assert f1(q, y) == pytest.approx(2 * 0.8 / 1.8 / 3)
    p = np.tile([0.8, 0.1, 0.1], (100, 1))
    assert roc_auc(p, y) == 0.5
    assert average_precision(p, y) == pytest.approx((0.8 + 0.1 + 0.1) / 3)
    assert calibration_error(p, y) == pytest.approx(0)


def test_auc_is_the_share_of_pairs_in_order():
    p, y = answers(n=40, k=3)
    p = np.round(p, 1)
    p[:, 2] = 1 - p[:, :2].sum(1)
    p = np.clip(p, 0, 1)
    assert len(np.unique(p[:, 0])) < 12, "there are ties"
    shares = []
    for c in range(3):
        pairs = [(a > b) + 0.5 * (a == b) for a in p[y == c, c] for b in p[y != c, c]]
        shares.append(np.mean(pairs))
    assert roc_auc(p, y) == pytest.approx(np.mean(shares), abs=1e-12)


def test_reliability_is_scikit_learns_and_adds_up_to_the_error():
    p, y = answers(n=300)
    found = reliability_curve(p, y, bins=10, draws=50)
    share_right, mean_confidence = calibration_curve(p.argmax(1) == y, p.max(1), n_bins=10)
    np.testing.assert_allclose(found.confidence, mean_confidence)
    np.testing.assert_allclose(found.accuracy.value, share_right)
    assert found.share.sum() == pytest.approx(1)
    gaps = np.abs(found.confidence - found.accuracy.value)
    assert calibration_error(p, y, bins=10) == pytest.approx((found.share * gaps).sum())
    assert (found.accuracy.low <= found.accuracy.value).all()
    assert (found.accuracy.value <= found.accuracy.high).all()


def test_a_calibrated_network_has_almost_no_error_and_a_sure_one_the_gap():
    rng = np.random.default_rng(0)
    c = rng.uniform(0.5, 1, 40_000)
    y = (rng.random(40_000) > c).astype(int)
    p = np.column_stack([c, 1 - c])
    assert calibration_error(p, y) < 0.015
    assert calibration_error(np.eye(2)[np.zeros(40_000, int)], y) == pytest.approx((y == 1).mean())


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    p = np.array([[0.75, 0.25], [0.8, 0.2]])
    assert calibration_error(p, np.array([0, 1]), bins=4) == pytest.approx((0.25 + 0.8) / 2)


def test_a_sample_of_one_class_has_no_ranking():
    p, y = answers(k=2)
    w = np.stack([y == 0, np.ones(len(y))])
    for measure in (roc_auc, average_precision):
        alone, all_ = measure(p, y, weights=w)
        assert np.isnan(alone)
        assert np.isfinite(all_)


# --- intervals


def test_the_bootstrap_is_that_of_samples_drawn_one_by_one():
    p, y = answers(n=60, k=3)
    counts = np.concatenate(list(_counts(60, 20, np.random.default_rng(5), None)))
    assert (counts.sum(1) == 60).all()
    samples = [np.repeat(np.arange(60), one.astype(int)) for one in counts]
    values = [theirs(p[rows], y[rows]) for rows in samples]
    for name, measure in MEASURES.items():
        found = estimate(measure, p, y, draws=20, seed=5)
        assert found.value == pytest.approx(measure(p, y))
        wanted = np.quantile([one[name] for one in values], [0.025, 0.975])
        assert (found.low, found.high) == pytest.approx(wanted, abs=1e-12), name


def test_the_interval_of_an_accuracy_has_the_binomial_width():
    n, right = 400, 300
    y = np.zeros(n, int)
    q = (np.arange(n) >= right).astype(int)
    found = estimate(accuracy, q, y, draws=4000, level=0.9)
    width = 2 * 1.645 * math.sqrt(0.75 * 0.25 / n)
    assert found.high - found.low == pytest.approx(width, rel=0.08)
    assert found.value == 0.75


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        q = (rng.random(80) > 0.7).astype(int)
        found = estimate(accuracy, q, np.zeros(80, int), draws=200, seed=seed)
        held += found.low <= 0.7 <= found.high
    assert 180 <= held <= 198


def test_groups_are_drawn_whole():
    """Four copies of each point tell no more than one: the interval by groups stays that of the points."""
    q = (np.random.default_rng(0).random(100) > 0.7).astype(int)
    alone = estimate(accuracy, q, np.zeros(100, int), draws=2000)
    copies = np.repeat(q, 4)
    grouped = estimate(
        accuracy, copies, np.zeros(400, int), draws=2000, groups=np.repeat(np.arange(100), 4)
    )
    apart = estimate(accuracy, copies, np.zeros(400, int), draws=2000)
    assert grouped == alone
    assert apart.high - apart.low == pytest.approx((alone.high - alone.low) / 2, rel=0.12)


def test_arrays_have_intervals_too_and_samples_without_a_class_are_left_out():
    y = np.repeat([0, 1, 2], [30, 30, 2])
    q = np.where(np.arange(62) % 5 == 0, 1, y)
    found = estimate(partial(confusion_matrix, share_of="true"), q, y, draws=300)
    assert found.low.shape == (3, 3)
    assert np.isfinite(found.low).all()
    by_class = estimate(lambda *a, **k: precision(*a, "none", **k), [0, 2, 0], [0, 2, 2], draws=50)
    assert np.isnan(by_class.low[1])
    assert np.isfinite(by_class.low[[0, 2]]).all()


def test_chunks_and_seeds(monkeypatch):
    p, y = answers()
    whole = estimate(roc_auc, p, y, draws=40, seed=1)
    assert whole == estimate(roc_auc, p, y, draws=40, seed=1)
    assert whole != estimate(roc_auc, p, y, draws=40, seed=2)
    monkeypatch.setattr("tltutor.metrics.resampling.CHUNK", 3 * len(y))
    assert whole == estimate(roc_auc, p, y, draws=40, seed=1)


# --- before and after


def test_no_change_has_no_interval_and_a_clear_one_leaves_zero_out():
    p, y = answers(n=200)
    same = side_by_side(p, p, y, draws=50)
    assert list(same) == list(MEASURES)
    for found in same.values():
        assert found.before == found.after
        assert (found.change.value, found.change.low, found.change.high) == (0, 0, 0)
    better = side_by_side(p, answers(n=200, sure=4)[0], y, draws=200)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision"):
        assert better[name].change.low > 0, name
        assert better[name].change.value == pytest.approx(
            better[name].after.value - better[name].before.value
        )


def test_the_change_is_paired():
    """Of n answers b become wrong and c right: the change has the variance ((b + c) / n - ((c - b) / n)^2) / n."""
    n, b, c = 500, 20, 45
    y, before = np.zeros(n, int), np.repeat([0, 1], [300, 200])
    after = before.copy()
    after[:b], after[n - c :] = 1, 0
    found = compare(accuracy, before, after, y, draws=4000)
    sd = math.sqrt(((b + c) / n - ((c - b) / n) ** 2) / n)
    assert found.change.value == pytest.approx((c - b) / n)
    assert found.change.high - found.change.low == pytest.approx(2 * 1.96 * sd, rel=0.08)
    parts = [part.high - part.low for part in (found.before, found.after)]
    assert found.change.high - found.change.low < 0.6 * math.hypot(*parts)


# --- errors


def test_what_cannot_be_measured_is_said_in_a_sentence():
    p, y = answers(n=6, k=3)
    broken = p.copy()
    broken[2, 1] = np.nan
    cases = {
        "none among 6": lambda: roc_auc(p, np.full(6, -1)),
        "got only class 2": lambda: average_precision(p, np.full(6, 2)),
        "NaN or infinity in 1 of 6": lambda: calibration_error(broken, y),
        "sum to 1": lambda: calibration_error(p * 2, y),
        "at least 0": lambda: roc_auc(p - [[0.9, -0.9, 0.0]], y),
        "pass the columns 1 - p and p": lambda: roc_auc(p[:, :1], y),
        "below the 3 columns": lambda: roc_auc(p, np.arange(6)),
        "got 0 to 7": lambda: confusion_matrix([0, 7], [0, 1], n_classes=2),
        "got -1 to 0": lambda: accuracy([0, -1], [0, 1]) and confusion_matrix([0, -1], [0, 1]),
        "got -1.0": lambda: accuracy([0, 1], [0, 1], weights=[1, -1]),
        r"must have shape \(2,\) or": lambda: accuracy([0, 1], [0, 1], weights=[1]),
        "bins must be at least 1, got 0": lambda: calibration_error(p, y, bins=0),
        "at least 2 points or groups, got 1": lambda: estimate(accuracy, [0], [0]),
        "groups, got 1:": lambda: estimate(accuracy, [0, 1], [0, 1], groups=[4, 4]),
        r"groups must have shape \(2,\)": lambda: estimate(accuracy, [0, 1], [0, 1], groups=[4]),
        "draws must be at least 2": lambda: bootstrap(lambda w: w.sum(1), 5, draws=1),
        "got 100 and 95": lambda: estimate(accuracy, [0, 1], [0, 1], draws=100, level=95),
        "got 2 and 3 rows": lambda: compare(accuracy, [0, 1], [0, 1, 1], [0, 1]),
        "average.*macro": lambda: f1([0], [0], "micro"),
    }

    def check(case):
        words, call = case
        with pytest.raises(ValueError, match=words):
            call()

    for_each(cases.items(), check)


def test_three_examples_are_enough():
    p, y = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]]), np.array([0, 1, 1])
    for name, found in side_by_side(p, p[:, ::-1], y, draws=50).items():
        assert np.isfinite(found.before.value), name
    assert roc_auc(p, y) == 1
