"""Transferability scores against direct maximization, double loops, brute force and POT; and what must not change them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import ot
import pytest
import torch
from cases import for_each
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.covariance import ledoit_wolf
from sklearn.datasets import load_digits

from tltutor.metrics import proxy_a_distance
from tltutor.metrics.transferability import (
    TRANSFERABILITY,
    h_score,
    leep,
    logme,
    nce,
    otdd,
    transferability,
)
from tltutor.metrics.transferability.otdd import class_distances


def task(n=40, d=5, k=3, *, seed=0, gap=1.0):
    """Features (n, d) whose class means differ, and labels (n,)."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    return rng.normal(size=(n, d)) + gap * rng.normal(size=(k, d))[y], y


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


# --- LogME


def test_logme_is_the_evidence_maximized_directly():
    for n, d, gap in ((20, 3, 1.0), (12, 18, 2.0), (24, 4, 0.0)):
        x, y = task(n, d, 2, gap=gap)
        found = []
        for c in range(2):
            target = (y == c).astype(float)

            def negative(logs, target=target, x=x, n=n):
                alpha, beta = np.exp(logs)
                covariance = np.eye(n) / beta + x @ x.T / alpha
                return -multivariate_normal(np.zeros(n), covariance).logpdf(target)

            bounds = [(-12, 16), (-12, 12)]
            starts = itertools.product((-2, 3, 9), (0, 4))
            found.append(
                max(-minimize(negative, start, bounds=bounds, tol=1e-12).fun for start in starts)
            )
        assert logme(x, y) == pytest.approx(np.mean(found) / n, abs=1e-5)


def test_logme_sees_no_rotation_and_no_scale():
    x, y = task(60, 6)
    wanted = logme(x, y)
    assert logme(x @ rotation(6), y) == pytest.approx(wanted, abs=1e-9)
    for scale in (1e-4, 1e4):
        assert logme(scale * x, y) == pytest.approx(wanted, abs=1e-9)
    assert logme(np.concatenate([x, np.zeros((60, 3))], 1), y) == pytest.approx(wanted, abs=1e-9)


def test_logme_prefers_features_that_know_the_labels_and_bounds_a_perfect_fit():
    x, y = task(200, 8)
    noise = np.random.default_rng(1).normal(size=(200, 8))
    perfect = logme(np.eye(3)[y], y)
    assert logme(noise, y) < logme(x, y) < perfect < 10
    assert math.isfinite(logme(np.zeros((6, 2)), [0, 1] * 3))


# --- LEEP and NCE


def test_leep_by_double_loops():
    rng = np.random.default_rng(0)
    theta = rng.dirichlet(np.ones(4), size=30)
    y = np.arange(30) % 3
    joint = [
        [sum(theta[i, z] for i in range(30) if y[i] == c) / 30 for z in range(4)] for c in range(3)
    ]
    total = 0.0
    for i in range(30):
        total += math.log(
            sum(theta[i, z] * joint[y[i]][z] / sum(row[z] for row in joint) for z in range(4))
        )
    assert leep(theta, y) == pytest.approx(total / 30, abs=1e-12)
    assert leep(theta[:, [2, 0, 3, 1]], 2 - y) == pytest.approx(total / 30, abs=1e-12)


def test_leep_of_perfect_and_of_empty_knowledge():
    y = np.arange(12) % 3
    assert leep(np.eye(3)[y], y) == 0
    assert leep(np.eye(5)[y + 2], y) == 0, "source classes without probability are left out"
    assert leep(np.full((12, 4), 0.25), y) == pytest.approx(-math.log(3))
    hidden = np.where(np.arange(12) < 3, -1, 7 * y)
    assert leep(np.eye(3)[y], hidden) == 0, (
        "unlabeled examples do not count, gaps in numbers do not matter"
    )


def test_nce_by_double_loops():
    rng = np.random.default_rng(0)
    z, y = rng.choice([0, 3, 5, 9], size=50), rng.integers(3, size=50)
    total = 0.0
    for i in range(50):
        same = [j for j in range(50) if z[j] == z[i]]
        total += math.log(sum(y[j] == y[i] for j in same) / len(same))
    assert nce(z, y) == pytest.approx(total / 50, abs=1e-12)
    assert nce(y, y) == 0
    assert nce(2 - y, y) == 0
    shares = np.bincount(y) / 50
    assert nce(np.zeros(50, int), y) == pytest.approx((shares * np.log(shares)).sum())
    assert nce(z, y) <= leep(np.eye(10)[z], y) + 1e-12, "of sure answers both are one"
    hidden = np.where(np.arange(50) < 10, -1, y)
    assert nce(z, hidden) == pytest.approx(nce(z[10:], y[10:]))


# --- H-score


def test_h_score_of_the_labels_alone_is_one_less_than_the_classes():
    for k in (2, 3, 7):
        y = np.arange(70) % k
        assert h_score(np.eye(k)[y], y, shrinkage=0) == pytest.approx(k - 1)
        assert h_score(np.eye(k)[y], y) < k - 1


def test_h_score_by_inverses_and_as_a_sum_of_squared_canonical_correlations():
    x, y = task(90, 5)
    centered = x - x.mean(0)
    means = np.stack([centered[y == c].mean(0) for c in range(3)])
    between = sum((y == c).mean() * np.outer(means[c], means[c]) for c in range(3))
    s = centered.T @ centered / 90
    shrunk, a = ledoit_wolf(x)
    assert 0 < a < 0.5
    assert h_score(x, y) == pytest.approx((1 - a) * np.trace(np.linalg.inv(shrunk) @ between))
    for given in (0, 0.3):
        shrunk = (1 - given) * s + given * np.trace(s) / 5 * np.eye(5)
        wanted = (1 - given) * np.trace(np.linalg.inv(shrunk) @ between)
        assert h_score(x, y, shrinkage=given) == pytest.approx(wanted)
    labels = np.eye(3)[y] - np.eye(3)[y].mean(0)
    bases = [
        np.linalg.svd(m, full_matrices=False)[0][:, :r] for m, r in ((centered, 5), (labels, 2))
    ]
    correlations = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    assert h_score(x, y, shrinkage=0) == pytest.approx(np.square(correlations).sum())


def test_h_score_sees_no_rotation_scale_or_offset():
    x, y = task(60, 6)
    for changed in (x @ rotation(6), x * 1e-5, x * 1e5, x + 100):
        assert h_score(changed, y) == pytest.approx(h_score(x, y), rel=1e-6)
    assert h_score(np.full((7, 2), 0.1), [0, 1, 0, 1, 0, 1, 1]) == 0


def test_shrinkage_keeps_many_features_from_explaining_anything():
    x, y = np.random.default_rng(0).normal(size=(40, 200)), np.arange(40) % 4
    assert h_score(x, y, shrinkage=0) == pytest.approx(3)
    assert h_score(x, y) < 1


# --- OTDD


def test_class_distances_are_pots():
    a, b = task(60, 4, 3, seed=0), task(45, 4, 2, seed=1)
    found = class_distances(a, b)
    for i, j in itertools.product(range(3), range(2)):
        rows = a[0][a[1] == i], b[0][b[1] == j]
        means, covariances = zip(*((r.mean(0), np.cov(r.T, bias=True)) for r in rows), strict=True)
        peer = ot.gaussian.bures_wasserstein_distance(*means, *covariances)
        assert found[i, j] == pytest.approx(peer**2, rel=1e-6)
    few = class_distances(task(9, 20, 3), task(8, 20, 2, seed=1))
    many = class_distances(
        *(
            (np.repeat(x, 9, 0), np.repeat(y, 9))
            for x, y in (task(9, 20, 3), task(8, 20, 2, seed=1))
        )
    )
    np.testing.assert_allclose(few, many, rtol=1e-8)  # both ways to a factor


def test_otdd_is_the_best_of_all_matchings():
    a, b = task(6, 2, 2), task(6, 2, 3, seed=1)
    between = class_distances(a, b)
    costs = [
        np.mean(
            [
                ((a[0][i] - b[0][j]) ** 2).sum() + between[a[1][i], b[1][j]]
                for i, j in enumerate(order)
            ]
        )
        for order in itertools.permutations(range(6))
    ]
    assert otdd(*a, *b) == pytest.approx(math.sqrt(min(costs)))
    assert otdd(*b, *a) == pytest.approx(math.sqrt(min(costs)))


def test_otdd_in_closed_form_and_without_regard_to_names_of_classes():
    x, y = task(60, 4)
    shift = np.array([3.0, 0, 4, 0])
    assert otdd(x, y, x, y) == pytest.approx(0, abs=1e-6)
    assert otdd(x, y, x + shift, y) == pytest.approx(5 * math.sqrt(2))  # point and class move by 5
    assert otdd(x, y, x + shift, 2 - y) == pytest.approx(5 * math.sqrt(2))
    Q = rotation(4)
    other = task(50, 4, 2, seed=3)
    assert otdd(x @ Q, y, other[0] @ Q, other[1]) == pytest.approx(otdd(x, y, *other))
    assert otdd(x, y, x, np.sort(y)) > 0.5, "the same images under other labels are far"


def test_mirrored_digits_are_farther_than_other_digits():
    x, y = load_digits(return_X_y=True)
    mirrored = x.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64)
    near = otdd(x[:600], y[:600], x[600:], y[600:], most=300)
    assert near < otdd(x[:600], y[:600], mirrored[600:], y[600:], most=300) - 5
    assert near == otdd(x[:600], y[:600], x[600:], y[600:], most=300)
    assert near != otdd(x[:600], y[:600], x[600:], y[600:], most=300, seed=1)


# --- the registry, and what cannot be scored


def test_every_score_says_what_it_is_and_more_is_better():
    assert set(TRANSFERABILITY) == {"a_distance", "h_score", "leep", "logme", "nce", "otdd", "size"}
    for name, score in TRANSFERABILITY.items():
        assert score.name == name
        assert score.title
        assert score.paper
        assert score.limits.endswith(".")
    x, y = task(60, 4)
    near, far = x + 0.1, x + 3
    for target, at_least in ((near, -1.0), (far, -2.0)):
        found = transferability(
            {
                "source_features": x,
                "source_labels": y,
                "target_features": target,
                "target_labels": y,
            }
        )
        assert set(found) == {"a_distance", "h_score", "logme", "otdd"}
        assert found["otdd"] == -otdd(x, y, target, y)
        assert found["a_distance"] == -proxy_a_distance(x, target) >= at_least
    assert transferability({"parameters": 1e6}) == {"size": 6.0}


def test_unlabeled_examples_and_tensors():
    x, y = task(60, 4)
    hidden = np.where(np.arange(60) % 4 == 0, -1, y)
    kept = hidden >= 0
    for score in (logme, h_score):
        assert score(x, hidden) == pytest.approx(score(x[kept], y[kept]))
        assert score(torch.tensor(x), torch.tensor(y)) == pytest.approx(score(x, y))
    assert otdd(x, hidden, x, y) == pytest.approx(otdd(x[kept], y[kept], x, y))


def test_three_examples_are_enough():
    x, y = np.array([[0.0, 1], [1, 0], [2, 2]]), np.array([0, 1, 1])
    theta = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    evidence = {
        "target_features": x,
        "target_labels": y,
        "source_features": x + 1,
        "source_labels": y,
        "source_class_probabilities": theta,
        "source_classes": theta.argmax(1),
        "parameters": 10,
    }
    found = transferability(evidence)
    assert set(found) == set(TRANSFERABILITY)
    assert all(math.isfinite(value) for value in found.values())


def test_what_cannot_be_scored_is_said_in_a_sentence():
    x, y = task(6, 2, 2)
    broken = x.copy()
    broken[1] = np.nan
    cases = {
        "target_features must be finite": lambda: logme(broken, y),
        "target_labels must hold at least 2 classes, got 1": lambda: h_score(x, [3] * 6),
        "at least 2 classes, got 0": lambda: logme(x, [-1] * 6),
        "source_labels must hold at least 2 classes, got 1": lambda: otdd(x, [0] * 6, x, y),
        "one width, got 2 and 1": lambda: otdd(x, y, x[:, :1], y),
        "source_class_probabilities must .* sum to 1": lambda: leep(x, y),
        r"target_labels must have shape \(6,\)": lambda: nce(y, y[:4]),
        "target_labels must hold at least 2": lambda: nce(y, [1] * 6),
        "between 0 and 1, got 2": lambda: h_score(x, y, shrinkage=2),
        "1 or more, got 0": lambda: transferability({"parameters": 0}),
        "logme needs .*, got no target_labels": lambda: transferability(
            {"target_features": x}, "logme"
        ),
    }

    def check(case):
        words, call = case
        with pytest.raises(ValueError, match=words):
            call()

    for_each(cases.items(), check)
