"""Unbalanced transport against POT, its limits, and what it is for: other class shares, and outliers."""

import numpy as np
import ot
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from tltutor.classical import Sinkhorn, Unbalanced, pipeline
from tltutor.classical.transport import cost_matrix, sinkhorn_plan
from tltutor.classical.unbalanced import unbalanced_plan
from tltutor.domains import load_pair


def cost_of(n_s=30, n_t=20, seed=0):
    rng = np.random.default_rng(seed)
    return cost_matrix(rng.normal(size=(n_s, 2)), rng.normal(size=(n_t, 2)) + 1)


@pytest.mark.parametrize(("reg_e", "reg_m"), [(0.1, 0.5), (0.5, 0.1), (1.0, 5.0)])
def test_the_plan_is_pots(reg_e, reg_m):
    cost = cost_of()
    wanted = ot.unbalanced.sinkhorn_unbalanced(
        [], [], cost, reg_e, reg_m, reg_type="kl", numItermax=20_000, stopThr=1e-12
    )
    np.testing.assert_allclose(unbalanced_plan(cost, reg_e, reg_m), wanted, rtol=1e-4, atol=1e-9)


def test_at_a_high_price_of_mass_it_is_sinkhorns_plan():
    cost = cost_of()
    found = unbalanced_plan(cost, 0.5, 1e3)
    np.testing.assert_allclose(found, sinkhorn_plan(cost, 0.5), rtol=0.02, atol=1e-6)


def test_between_two_points_the_mass_is_in_closed_form():
    """P minimizes P C + reg_e KL(P | 1) + 2 reg_m KL(P | 1): log P = -C / (reg_e + 2 reg_m)."""
    for c in (0.0, 1.0, 8.0):
        plan = unbalanced_plan(np.array([[c]]), 0.3, 0.7)
        assert plan[0, 0] == pytest.approx(np.exp(-c / 1.7), rel=1e-6)


def test_what_is_far_from_everything_is_not_sent():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    xt[:5] += 40
    cost = cost_matrix(xs, xt)
    share = unbalanced_plan(cost, 0.1, 0.5).sum(0)
    assert share[:5].sum() < 1e-3
    assert share.sum() > 0.5
    assert sinkhorn_plan(cost, 0.1).sum(0)[:5].sum() == pytest.approx(0.1, abs=1e-3)


def test_where_class_shares_differ_it_keeps_more_than_balanced_transport():
    unbalanced, balanced = [], []
    for seed in range(3):
        pair = load_pair("blobs->label-shift", seed=seed, n_samples=300)
        for method, scores in ((Unbalanced(), unbalanced), (Sinkhorn(reg_e=0.1), balanced)):
            model = pipeline(method, LogisticRegression()).fit(
                pair.source.x, pair.source.y, target=pair.target.x
            )
            scores.append(model.score(pair.target_test.x, pair.target_test.y))
    assert min(np.subtract(unbalanced, balanced)) > 0.1
    assert min(unbalanced) > 0.85


def test_a_plan_that_is_not_done_says_so():
    with pytest.warns(ConvergenceWarning, match="stopped while it still moved by .*: raise reg_e"):
        unbalanced_plan(cost_of(), 0.02, 1000.0, max_iter=3)
