"""Label-shift estimators against closed forms, a general solver and true shares; and where they must fail."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from tltutor.classical import BBSE, LabelEM, MMDShares, Reweighted
from tltutor.classical.bbse import bbse_weights
from tltutor.classical.kernels import gaussian_kernel
from tltutor.classical.label_em import bias_corrected, calibrated, em_shares, log_likelihood
from tltutor.classical.mmd_shares import mmd_shares
from tltutor.domains import load_pair
from tltutor.domains.densities import log_densities

TRUE = np.array([0.1, 0.2, 0.7])


def exact_answers(n, shares, seed=0):
    """Labels, and the exact p(y | x) under equal shares, of Gaussians around 0, 1 and 2."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=shares)
    x = y + rng.normal(size=n)
    return y, softmax(-np.square(x[:, None] - np.arange(3)) / 2, axis=1)


def for_a_source_of(shares, answers):
    """What answers p(y | x) of a source with equal shares are for one with these."""
    joint = answers * shares
    return joint / joint.sum(1, keepdims=True)


# --- BBSE


def test_the_weights_solve_the_confusions_exactly():
    """Answers and labels that have these joint shares to the last count."""
    joint = np.array([[30, 5, 0], [10, 25, 5], [0, 10, 35]])  # answers x labels
    answers, labels = (np.repeat(i.ravel(), joint.ravel()) for i in np.indices((3, 3)))
    w = np.array([0.5, 1.5, 1.0])  # then mu = C w
    moved = np.rint(joint @ w * 2).astype(int)
    target = np.repeat(np.arange(3), moved)
    scale = joint.sum() * 2 / moved.sum()
    np.testing.assert_allclose(bbse_weights(answers, labels, target), w * scale, rtol=1e-9)


def test_a_wrong_but_informative_classifier_does_too():
    y, p = exact_answers(400_000, np.full(3, 1 / 3))
    t, q = exact_answers(400_000, TRUE, seed=1)
    turned = np.array([1, 2, 0])  # it calls every class by the next one's name
    w = bbse_weights(turned[p.argmax(1)], y, turned[q.argmax(1)])
    np.testing.assert_allclose(w / 3, TRUE, atol=0.02)
    assert (t == 2).mean() == pytest.approx(0.7, abs=0.01)


def test_classes_that_are_confused_alike_get_one_weight_and_none_is_negative():
    answers, labels = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    w = bbse_weights(answers, labels, np.array([0, 1, 1, 1]))
    assert w[0] == pytest.approx(w[1])
    assert (bbse_weights(labels, labels, np.array([0, 0])) >= 0).all()


# --- EM and its calibration


@pytest.mark.parametrize("source", [np.full(3, 1 / 3), np.array([0.6, 0.3, 0.1])])
def test_em_finds_the_maximum_that_a_general_solver_finds(source):
    q = for_a_source_of(source, exact_answers(500, TRUE, seed=2)[1])
    found = em_shares(q, source)

    def loss(z):
        return -log_likelihood(q, source, softmax(z))

    wanted = softmax(minimize(loss, np.zeros(3), method="BFGS", tol=1e-10).x)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert log_likelihood(q, source, found) >= log_likelihood(q, source, wanted) - 1e-9


def test_em_with_exact_answers_finds_the_true_shares_and_with_unsure_ones_not():
    for seed in range(3):
        _, q = exact_answers(30_000, TRUE, seed=seed)
        np.testing.assert_allclose(em_shares(q, np.full(3, 1 / 3)), TRUE, atol=0.03)
        flat = softmax(0.3 * np.log(q), axis=1)  # underconfident: the shift looks larger
        assert np.abs(em_shares(flat, np.full(3, 1 / 3)) - TRUE).max() > 0.05


def test_em_takes_the_source_s_own_shares_out_of_the_answers():
    """Answers that are exact for a source whose classes are unequal."""
    source = np.array([0.6, 0.3, 0.1])
    answers = for_a_source_of(source, exact_answers(30_000, TRUE)[1])
    np.testing.assert_allclose(em_shares(answers, source), TRUE, atol=0.03)


def test_calibration_undoes_a_known_temperature_and_bias():
    y, p = exact_answers(60_000, np.full(3, 1 / 3))
    b = np.array([0.5, -0.5, 0.0])
    spoiled = softmax(2.5 * np.log(p) + b, axis=1)
    inverse, correction = bias_corrected(spoiled, y)
    assert inverse == pytest.approx(1 / 2.5, abs=0.02)
    np.testing.assert_allclose(calibrated(spoiled, inverse, correction), p, atol=0.03)
    np.testing.assert_allclose(correction, -(b - b.mean()) / 2.5, atol=0.03)


def test_after_calibration_mean_answers_are_the_shares():
    y, p = exact_answers(2000, np.array([0.5, 0.3, 0.2]))
    mended = calibrated(p, *bias_corrected(p, y))
    np.testing.assert_allclose(mended.mean(0), np.bincount(y) / 2000, atol=1e-4)


# --- MMD of the classes' mixture


def classes_and(target_rows, seed=0):
    """Kernels of three overlapping classes of 20 points, and of a target of these rows of them."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(3), 20)
    x = codes[:, None] + rng.normal(size=(60, 2))
    return gaussian_kernel(x, x, 1.0), gaussian_kernel(x, x[target_rows], 1.0), codes


def test_a_target_that_is_a_mixture_of_the_classes_gives_its_shares_exactly():
    """Whole classes, each repeated: the mean embedding is the mixture itself."""
    rows = np.concatenate([np.arange(20)] + 3 * [np.arange(20, 40)] + 4 * [np.arange(40, 60)])
    np.testing.assert_allclose(mmd_shares(*classes_and(rows)), [1 / 8, 3 / 8, 4 / 8], atol=1e-6)
    only = np.arange(40, 60)
    np.testing.assert_allclose(mmd_shares(*classes_and(only)), [0, 0, 1], atol=1e-6)


def test_a_target_of_one_class_has_an_answer_whatever_the_points_are():
    """The answer lies on the border, where a solver may go in circles."""
    for seed in range(60):
        found = mmd_shares(*classes_and(np.arange(40, 60), seed))
        np.testing.assert_allclose(found, [0, 0, 1], atol=1e-6)


def test_the_shares_have_the_least_mmd_of_all_on_a_grid():
    rng = np.random.default_rng(3)
    k_ss, k_st, codes = classes_and(rng.choice(60, 25))
    found = mmd_shares(k_ss, k_st, codes)

    def distance(q):
        w = (q * 3)[codes] / 60
        return w @ k_ss @ w - 2 * w @ k_st.mean(1)

    grid = [np.array([i, j, 100 - i - j]) / 100 for i in range(101) for j in range(101 - i)]
    best = min(grid, key=distance)
    assert distance(found) <= distance(best) + 1e-12
    np.testing.assert_allclose(found, best, atol=0.02)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()


def test_two_equal_classes_are_no_error():
    k_ss, k_st, codes = classes_and(np.arange(60))
    twice = np.where(codes == 2, 1, codes)
    ones = mmd_shares(np.ones_like(k_ss), np.ones_like(k_st), twice)
    assert ones.sum() == pytest.approx(1)
    assert np.isfinite(ones).all()


# --- as methods


@pytest.mark.parametrize("method", [BBSE(), LabelEM(), LabelEM(calibrate=False), MMDShares()])
def test_the_shares_of_the_label_shift_toy_are_found(method):
    for seed in range(3):
        pair = load_pair("blobs->label-shift", seed=seed)
        fitted = method.fit(pair.source.x, pair.source.y, target=pair.target.x)
        np.testing.assert_allclose(fitted.target_shares_, TRUE, atol=0.04)
        for k in range(3):
            each = fitted.weights_[pair.source.y == k]
            assert np.ptp(each) == 0
            assert each[0] == pytest.approx(3 * TRUE[k], abs=0.12)


@pytest.mark.parametrize("method", [BBSE(), LabelEM(), MMDShares()])
def test_without_a_shift_all_weights_are_near_one(method):
    pair = load_pair("blobs->label-shift", severity=0)
    weights = method.fit(pair.source.x, pair.source.y, target=pair.target.x).weights_
    assert np.abs(weights - 1).max() < 0.15


def test_they_weigh_like_the_exact_density_ratio_on_average():
    """Under label shift p_t / p_s at x is the mean of w_y over p_s(y | x): class weights are right, point for point they are not."""
    pair = load_pair("blobs->label-shift", n_samples=6000)
    source, target = log_densities("blobs->label-shift")
    exact = np.exp(target(pair.source.x.astype(float)) - source(pair.source.x.astype(float)))
    w = LabelEM().fit(pair.source.x, pair.source.y, target=pair.target.x).weights_
    for k in range(3):
        mine = pair.source.y == k
        assert exact[mine].mean() == pytest.approx(w[mine].mean(), abs=0.1)


def test_they_need_label_shift_alone():
    """Where the classes move, the shares, which stay, are misread: the limit that the docstrings name."""
    pair = load_pair("blobs->conditional-shift")
    shares = BBSE().fit(pair.source.x, pair.source.y, target=pair.target.x).target_shares_
    assert np.abs(shares - 1 / 3).max() > 0.05


def test_a_reweighted_classifier_takes_the_new_shares_into_account():
    pair = load_pair("blobs->label-shift", n_samples=3000)
    near = {d: getattr(pair, d).x * 0.35 for d in ("source", "target", "target_test")}
    rng = np.random.default_rng(0)
    near = {
        d: x + 0.7 * rng.normal(size=x.shape) for d, x in near.items()
    }  # so that classes overlap
    plain = LogisticRegression().fit(near["source"], pair.source.y)
    weighted = Reweighted(LogisticRegression(), LabelEM()).fit(
        near["source"], pair.source.y, target=near["target"]
    )
    y = pair.target_test.y
    assert weighted.score(near["target_test"], y) > plain.score(near["target_test"], y) + 0.02


def test_one_class_and_classes_of_one_example():
    x, t = np.random.default_rng(0).normal(size=(6, 2)), np.zeros((4, 2))
    assert BBSE().fit(x, np.zeros(6, int), target=t).weights_.tolist() == [1] * 6
    few = LabelEM().fit(x, [0, 0, 0, 0, 0, 1], target=t)
    assert few.weights_.mean() == pytest.approx(1)
