"""Instance weights against closed forms, a general solver, double loops and scikit-learn."""

import warnings
from functools import partial

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from tltutor.classical import (
    KLIEP,
    KMM,
    ULSIF,
    NearestWeights,
    ProbeOdds,
    Reweighted,
    RuLSIF,
    effective_sample_size,
    pipeline,
)
from tltutor.classical.kernels import gaussian_kernel, median_distance, splits
from tltutor.classical.kliep import kliep_coefficients, left_to_gain
from tltutor.classical.kmm import box_projection, gap, kmm_weights
from tltutor.classical.lsif import lsif_coefficients
from tltutor.classical.nearest import neighbor_counts

ALL = (KMM, KLIEP, ULSIF, RuLSIF, ProbeOdds, NearestWeights)
MU = 1.0  # of the target; the source is N(0, 1)


def gaussians(n=1000, mu=MU, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)), rng.normal(size=(n, 1)) + mu


def true_ratio(x, mu=MU):
    return np.exp(mu * x[:, 0] - mu**2 / 2)


def relative(ratio, alpha):
    """p_t / (alpha p_t + (1 - alpha) p_s) from p_t / p_s."""
    return ratio / (alpha * ratio + 1 - alpha)


@pytest.mark.parametrize(
    ("method", "error"),
    [(KMM, 0.18), (KLIEP, 0.25), (ULSIF, 0.25), (ProbeOdds, 0.1), (NearestWeights, 0.7)],
)
def test_weights_are_the_density_ratio_of_two_gaussians(method, error):
    for seed in range(3):
        xs, xt = gaussians(seed=seed)
        w = method().fit(xs, target=xt).weights_
        assert w.mean() == pytest.approx(1, abs=1e-12)
        assert np.abs(w - true_ratio(xs)).mean() < error
        assert np.abs(true_ratio(xs) - 1).mean() > 0.7  # what equal weights would be off by


def test_rulsif_is_the_relative_ratio_which_alpha_bounds():
    xs, xt = gaussians()
    method = RuLSIF(alpha=0.5).fit(xs, target=xt)
    wanted = relative(true_ratio(xs), 0.5)
    assert wanted.max() < 2
    assert np.abs(method.weights_ - wanted / wanted.mean()).mean() < 0.1
    assert method.weights_.max() < 2.5 < ULSIF().fit(xs, target=xt).weights_.max()


@pytest.mark.parametrize("method", [KLIEP, ULSIF, ProbeOdds])
def test_a_ratio_is_known_away_from_the_source_points(method):
    xs, xt = gaussians(2000)
    grid = np.linspace(-1, 2, 30)[:, None]
    assert method().fit(xs, target=xt).ratio(grid) == pytest.approx(
        true_ratio(grid), rel=0.3, abs=0.15
    )


@pytest.mark.parametrize("method", [KLIEP(), ULSIF(), RuLSIF(alpha=0.5), ProbeOdds()])
def test_a_ratio_and_the_weights_have_one_scale(method):
    xs, xt = gaussians(200)
    assert method.fit(xs, target=xt).ratio(xs) == pytest.approx(method.weights_)


@pytest.mark.parametrize("method", ALL)
def test_without_a_shift_no_point_counts_much_more_than_another(method):
    xs, xt = gaussians(mu=0.0)
    fitted = method().fit(xs, target=xt)
    assert fitted.effective_sample_size_ > (0.55 if method is NearestWeights else 0.85) * len(xs)


def test_effective_sample_size():
    assert effective_sample_size(np.ones(7)) == pytest.approx(7)
    assert effective_sample_size(np.array([0.0, 5.0, 0.0])) == pytest.approx(1)
    assert effective_sample_size(np.array([1.0, 3.0])) == pytest.approx(16 / 10)


def test_a_collapse_is_told_with_the_number_that_is_left():
    xs, xt = gaussians(600, mu=6.0)
    with pytest.warns(
        UserWarning,
        match=r"probe_odds leaves an effective sample size of \d+\.\d of 600 source points",
    ) as caught:
        ProbeOdds(C=1e4).fit(xs, target=xt)
    assert caught[0].filename == __file__


def test_no_point_near_the_target_is_an_error_and_no_nan():
    with pytest.raises(
        ValueError,
        match="kliep finds no source point near the target, all weights are 0: standardize",
    ):
        KLIEP(width=0.05).fit(
            np.zeros((5, 1)), target=np.full((500, 1), 1e3) + np.arange(500)[:, None]
        )


# Kernels, their unit, the folds


def test_the_kernel_pointwise_and_its_unit():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    wanted = [[np.exp(-((a - b) ** 2).sum() / (2 * 0.7**2)) for b in z] for a in x]
    assert gaussian_kernel(x, z, 0.7) == pytest.approx(np.array(wanted), rel=1e-12)
    pooled = np.concatenate([x, z])
    distances = [np.linalg.norm(pooled[i] - pooled[j]) for i in range(9) for j in range(i)]
    assert median_distance(x, z) == pytest.approx(np.median(distances))
    assert median_distance(10 * x, 10 * z) == pytest.approx(10 * np.median(distances))
    assert median_distance(np.ones((3, 2)), np.ones((2, 2))) == 1.0


@pytest.mark.parametrize("method", [KMM, RuLSIF, KLIEP])
def test_the_unit_of_the_data_does_not_matter(method):
    xs, xt = gaussians(150)
    w = method().fit(xs, target=xt).weights_
    assert method().fit(100 * xs, target=100 * xt).weights_ == pytest.approx(w, rel=1e-4, abs=1e-6)


def test_splits_hold_every_row_out_once_and_leave_a_single_row_both():
    parts = splits(12, np.random.RandomState(0))
    assert sorted(np.concatenate([held for _, held in parts])) == list(range(12))
    assert all(not set(kept) & set(held) for kept, held in parts)
    assert [(list(a), list(b)) for a, b in splits(1, np.random.RandomState(0))] == [([0], [0])]


# KMM's program


def kmm_program(n=25, ridge=1.0, seed=0):
    xs, xt = gaussians(n, seed=seed)
    k_ss = gaussian_kernel(xs, xs, 1.0) + ridge * np.eye(n)
    return k_ss, gaussian_kernel(xs, xt[: 2 * n // 3], 1.0)


@pytest.mark.parametrize(("bound", "slack"), [(1000.0, 0.8), (1.5, 0.0), (3.0, 0.05)])
def test_kmm_solves_the_program_as_a_general_solver_does(bound, slack):
    k_ss, k_st = kmm_program()
    n = len(k_ss)
    kappa = n / k_st.shape[1] * k_st.sum(axis=1)

    def objective(b):
        return b @ k_ss @ b / 2 - kappa @ b

    limits = [
        {"type": "ineq", "fun": lambda b: n * (1 + slack) - b.sum()},
        {"type": "ineq", "fun": lambda b: b.sum() - n * (1 - slack)},
    ]
    best = minimize(
        objective,
        np.ones(n),
        jac=lambda b: k_ss @ b - kappa,
        bounds=[(0, bound)] * n,
        constraints=limits,
        tol=1e-12,
    )
    found = kmm_weights(k_ss, k_st, bound, slack=slack, max_iter=5000)
    assert found.min() >= 0
    assert found.max() <= bound + 1e-9
    assert abs(found.sum() - n) <= n * slack + 1e-6
    assert objective(found) == pytest.approx(best.fun, abs=2e-6 * n**2)
    assert found == pytest.approx(best.x, abs=0.05)


def test_the_gap_is_never_less_than_what_is_left_to_gain():
    k_ss, k_st = kmm_program()
    n = len(k_ss)
    kappa = n * k_st.mean(axis=1)
    limits = (4.0, 0.9 * n, 1.1 * n)
    best = kmm_weights(k_ss, k_st, 4.0, slack=0.1, max_iter=5000)
    least = best @ k_ss @ best / 2 - kappa @ best
    rng = np.random.default_rng(0)
    for _ in range(50):
        b = box_projection(rng.normal(1, 2, n), *limits)
        left = b @ k_ss @ b / 2 - kappa @ b - least
        assert gap(k_ss @ b - kappa, b, limits) >= left - 1e-3
    assert gap(k_ss @ best - kappa, best, limits) < 1e-3


@pytest.mark.parametrize(("low", "high"), [(0.0, 30.0), (5.0, 8.0), (10.0, 10.0)])
def test_the_gap_is_the_linear_programs(low, high):
    rng = np.random.default_rng(0)
    for shift in (-1.0, 0.0, 1.0):
        g, b = rng.normal(shift, 1, 12), box_projection(rng.normal(1, 2, 12), 4.0, low, high)
        best = linprog(
            g, A_ub=np.array([np.ones(12), -np.ones(12)]), b_ub=[high, -low], bounds=(0, 4.0)
        )
        assert gap(g, b, (4.0, low, high)) == pytest.approx(g @ b - best.fun, abs=1e-8)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [(10.0, 0.0, 100.0), (10.0, 4.0, 5.0), (10.0, 20.0, 21.0), (1.0, 5.9, 6.0)],
)
def test_the_projection_is_the_nearest_feasible_point(bound, low, high):
    v = np.array([-1.0, 0.2, 3.0, 1.5, 0.0, 7.0])
    found = box_projection(v, bound, low, high)
    limits = [
        {"type": "ineq", "fun": lambda b: high - b.sum()},
        {"type": "ineq", "fun": lambda b: b.sum() - low},
    ]
    best = minimize(
        lambda b: ((b - v) ** 2).sum(),
        np.full(6, low / 6 + 0.01),
        bounds=[(0, bound)] * 6,
        constraints=limits,
        tol=1e-12,
    )
    assert found == pytest.approx(best.x, abs=1e-4)
    assert found.min() >= 0
    assert found.max() <= bound
    assert low - 1e-9 <= found.sum() <= high + 1e-9


def test_kmms_slack_is_the_papers():
    """|mean b - 1| <= (sqrt(n) - 1) / sqrt(n): a far target pulls the weights down to 1 / sqrt(n) on average, no further."""
    xs = np.linspace(0, 1, 25)[:, None]
    method = KMM(width=0.2, reg=1.0).fit(xs, target=xs + 3)
    assert method.scale_ == pytest.approx(1 / 5, abs=1e-6)


def test_kmm_says_when_it_did_not_converge():
    k_ss, k_st = kmm_program(200, ridge=0.0)
    with pytest.warns(
        ConvergenceWarning,
        match="kmm did not converge in 3 steps: raise reg or max_iter, or widen the kernel",
    ):
        kmm_weights(k_ss, k_st, 1000.0, slack=0.9, max_iter=3)


def test_kmm_with_the_source_for_target_and_no_ridge_keeps_every_point():
    xs, _ = gaussians(60)
    assert KMM(reg=0.0).fit(xs, target=xs.copy()).weights_ == pytest.approx(np.ones(60), abs=1e-6)


def test_kmm_brings_the_mean_embeddings_together_as_skada_does(skada):
    """skada solves the paper's program (no ridge) by SciPy; ours must reach as low an MMD under the same limits."""
    xs, xt = gaussians(40)
    k_ss, k_st = gaussian_kernel(xs, xs, 1.0), gaussian_kernel(xs, xt, 1.0)
    x, domain = np.concatenate([xs, xt]), np.repeat([1, -2], 40)
    peer = (
        skada.KMMReweightAdapter(gamma=0.5, B=5.0, solver="scipy")
        .fit(x, sample_domain=domain)
        .source_weights_
    )
    ours = kmm_weights(k_ss, k_st, 5.0, slack=1 - 1 / np.sqrt(40), max_iter=20000)

    def mmd2(b):
        return (b @ k_ss @ b - 2 * 40 * b @ k_st.mean(axis=1)) / 40**2

    assert mmd2(ours) <= mmd2(peer) + 1e-6


# KLIEP's and LSIF's coefficients


def test_kliep_climbs_to_the_likelihood_that_a_general_solver_finds():
    xs, xt = gaussians(80)
    phi_s, phi_t = (gaussian_kernel(x, xt[:6], 0.8) for x in (xs, xt))
    a = kliep_coefficients(phi_s, phi_t, tol=1e-7, max_iter=100000)
    assert a.min() >= 0
    assert (phi_s @ a).mean() == pytest.approx(1)
    best = minimize(
        lambda b: -np.log(np.maximum(phi_t @ b, 1e-12)).mean(),
        np.full(6, 1 / phi_s.mean() / 6),
        bounds=[(0, None)] * 6,
        constraints={"type": "eq", "fun": lambda b: (phi_s @ b).mean() - 1},
        tol=1e-12,
    )
    assert np.log(phi_t @ a).mean() == pytest.approx(-best.fun, abs=1e-5)


def test_what_is_left_to_gain_bounds_the_distance_to_the_best_likelihood():
    xs, xt = gaussians(80)
    phi_s, phi_t = (gaussian_kernel(x, xt[:6], 0.8) for x in (xs, xt))
    best = kliep_coefficients(phi_s, phi_t, tol=1e-7, max_iter=100000)
    for steps in (0, 1, 10, 100):
        a = kliep_coefficients(phi_s, phi_t, tol=0, max_iter=steps)
        short = np.log(phi_t @ best).mean() - np.log(phi_t @ a).mean()
        assert 0 <= short <= left_to_gain(phi_s, phi_t, a)
    assert left_to_gain(phi_s, phi_t, best) == pytest.approx(0, abs=1e-6)


def test_kliep_says_when_it_did_not_converge(monkeypatch):
    xs, xt = gaussians(80)
    monkeypatch.setattr(
        "tltutor.classical.kliep.kliep_coefficients", partial(kliep_coefficients, tol=0, max_iter=2)
    )
    with pytest.warns(ConvergenceWarning, match=r"kliep did not converge: .* give a wider kernel"):
        assert np.isfinite(KLIEP(width=0.5).fit(xs, target=xt).weights_).all()


def test_kliep_leaves_out_a_kernel_that_no_source_point_feels():
    phi_s, phi_t = np.array([[1.0, 0.0], [0.5, 0.0]]), np.array([[0.2, 0.0], [0.0, 1.0]])
    assert kliep_coefficients(phi_s, phi_t) == pytest.approx([1 / 0.75, 0])


@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_lsif_solves_its_normal_equations(alpha):
    xs, xt = gaussians(30)
    xt = xt[:20]
    phi_s, phi_t = (gaussian_kernel(x, xt[:5], 0.8) for x in (xs, xt))
    H, h = np.zeros((5, 5)), np.zeros(5)
    for k in range(5):
        h[k] = sum(phi_t[i, k] / 20 for i in range(20))
        for m in range(5):
            H[k, m] = sum(alpha * phi_t[i, k] * phi_t[i, m] / 20 for i in range(20))
            H[k, m] += sum((1 - alpha) * phi_s[i, k] * phi_s[i, m] / 30 for i in range(30))
    wanted = np.linalg.inv(H + 0.05 * np.eye(5)) @ h
    assert (wanted < 0).any()
    assert lsif_coefficients(phi_s, phi_t, reg=0.05, alpha=alpha) == pytest.approx(
        np.where(wanted > 0, wanted, 0)
    )


@pytest.mark.parametrize("method", [KLIEP, ULSIF])
def test_cross_validation_avoids_a_width_that_fits_nothing(method):
    xs, xt = gaussians(400)
    found = method().fit(xs, target=xt)
    bad = method(width=20.0).fit(xs, target=xt)

    def off(fitted):
        return np.abs(fitted.weights_ - true_ratio(xs)).mean()

    assert off(found) < 0.5 * off(bad)


def test_klieps_score_is_of_target_points_that_its_coefficients_did_not_see():
    xs, xt = gaussians(60)
    method = KLIEP()
    method.centers_ = xt[:20]
    parts = splits(60, np.random.RandomState(0))
    by_hand = []
    for train, held in parts:
        phi_s, phi_train, phi_held = (
            gaussian_kernel(x, xt[:20], 0.1) for x in (xs, xt[train], xt[held])
        )
        a = kliep_coefficients(phi_s, phi_train, tol=1e-2, max_iter=200)
        by_hand.append(np.log(np.maximum(phi_held @ a, 1e-300)).mean())
    assert method._score(0.1, (xs, xt), parts) == pytest.approx(np.mean(by_hand))
    seen = [np.log(np.maximum(gaussian_kernel(xt, xt[:20], 0.1) @ a, 1e-300)).mean()]
    assert np.mean(by_hand) < np.mean(seen) - 0.05


def test_densities_are_estimated_from_at_most_a_hundred_target_points_drawn_by_seed():
    xs, xt = gaussians(300)
    one, same, other = (
        KLIEP(1.0, random_state=seed).fit(xs, target=xt).centers_ for seed in (1, 1, 2)
    )
    assert len(one) == 100
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert set(one[:, 0]) <= set(xt[:, 0])


# Probe and neighbors


def test_probe_odds_are_scikit_learns_odds_over_the_prior_odds():
    xs, xt = gaussians(300)
    xt = xt[:100]
    x, is_target = np.concatenate([xs, xt]), np.repeat([0, 1], [300, 100])
    z = StandardScaler().fit(x)
    p = (
        LogisticRegression(C=0.3)
        .fit(z.transform(x), is_target)
        .predict_proba(z.transform(xs))[:, 1]
    )
    odds = 3 * p / (1 - p)
    method = ProbeOdds(C=0.3).fit(xs, target=xt)
    assert method.weights_ == pytest.approx(odds / odds.mean(), rel=1e-6)
    assert method.scale_ == pytest.approx(odds.mean(), rel=1e-6)


def test_neighbor_counts_by_double_loop():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(20, 2)), rng.normal(size=(33, 2))
    counts = np.zeros(20)
    for b in xt:
        counts[np.argmin([np.linalg.norm(a - b) for a in xs])] += 1
    assert neighbor_counts(xs, xt) == pytest.approx(counts)
    assert NearestWeights().fit(xs, target=xt).weights_ == pytest.approx((counts + 1) * 20 / 53)
    assert (NearestWeights(smoothing=0).fit(xs, target=xt).weights_ == 0).any()


# Reweighted


def test_reweighted_minimizes_the_weighted_loss():
    xs, xt = gaussians(400)
    y = xs[:, 0] ** 2
    model = Reweighted(Ridge(alpha=1e-8), ProbeOdds()).fit(xs, y, target=xt)
    w = model.weights_.weights_
    design = np.column_stack([xs[:, 0], np.ones(400)])
    slope, offset = np.linalg.solve(design.T @ (w[:, None] * design), design.T @ (w * y))
    assert model.estimator_.coef_ == pytest.approx([slope], rel=1e-5)
    assert slope == pytest.approx(2 * MU, abs=0.5)  # x^2 seen from mu; unweighted it is 0
    assert abs(Ridge().fit(xs, y).coef_[0]) < 0.3
    assert model.score(xt, xt[:, 0] ** 2) > Ridge().fit(xs, y).score(xt, xt[:, 0] ** 2) + 0.3
    assert model.predict(xt) == pytest.approx(model.estimator_.predict(xt))
    assert offset == pytest.approx(model.estimator_.intercept_, rel=1e-4)


def test_reweighted_offers_what_the_estimator_offers_and_leaves_its_parts_alone():
    xs, xt = gaussians(50)
    y = (xs[:, 0] > 0).astype(int)
    parts = LogisticRegression(), NearestWeights()
    model = Reweighted(*parts).fit(xs, y, target=xt)
    assert model.predict_proba(xt).shape == (50, 2)
    assert model.decision_function(xt).shape == (50,)
    assert list(model.classes_) == [0, 1]
    assert not hasattr(parts[0], "coef_")
    assert not hasattr(parts[1], "weights_")
    assert not hasattr(Reweighted(Ridge(), parts[1]), "predict_proba")


def test_an_estimator_without_sample_weights_is_refused_with_the_remedy():
    xs, xt = gaussians(20)
    with pytest.raises(
        TypeError,
        match="the estimator must take sample_weight in fit, and KNeighborsClassifier does not: take",
    ):
        Reweighted(KNeighborsClassifier(), KMM()).fit(xs, np.arange(20) % 2, target=xt)


def test_in_a_pipeline_the_target_is_scaled_as_the_source_is():
    xs, xt = gaussians(80)
    scaler = StandardScaler().fit(xs)
    plain = Reweighted(LogisticRegression(), KMM()).fit(
        scaler.transform(xs), xs[:, 0] > 0, target=scaler.transform(xt)
    )
    piped = pipeline(StandardScaler(), Reweighted(LogisticRegression(), KMM())).fit(
        xs, xs[:, 0] > 0, target=xt
    )
    assert piped[-1].weights_.weights_ == pytest.approx(plain.weights_.weights_)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert piped.predict_proba(xt) == pytest.approx(plain.predict_proba(scaler.transform(xt)))


def test_odds_beyond_what_a_float_holds_stay_finite():
    xs, xt = gaussians(100)
    probe = ProbeOdds().fit(xs, target=xt)
    probe.probe_.coef_ = probe.probe_.coef_ * 1e6
    assert np.isfinite(probe._ratio(np.array([[-1e3], [1e3]]))).all()


@pytest.mark.parametrize("method", [ULSIF, RuLSIF])
def test_kernels_sit_on_target_points_where_the_ratio_is_large(method):
    xs, xt = gaussians(60)
    assert set(method().fit(xs, target=xt).centers_[:, 0]) <= set(xt[:, 0])


def test_lsifs_score_is_the_squared_error_on_points_that_its_coefficients_did_not_see():
    xs, xt = gaussians(60)
    method = RuLSIF(alpha=0.2)
    method.centers_ = xt[:10]
    parts = splits(60, np.random.RandomState(0)), splits(60, np.random.RandomState(1))
    by_hand = []
    for (train_s, held_s), (train_t, held_t) in zip(*parts, strict=True):
        train, held = (
            [gaussian_kernel(x, xt[:10], 0.3) for x in pair]
            for pair in ((xs[train_s], xt[train_t]), (xs[held_s], xt[held_t]))
        )
        a = lsif_coefficients(*train, reg=0.01, alpha=0.2)
        error = 0.2 * ((held[1] @ a) ** 2).mean() + 0.8 * ((held[0] @ a) ** 2).mean()
        by_hand.append(error / 2 - (held[1] @ a).mean())
    assert method._score((0.3, 0.01), (xs, xt), parts) == pytest.approx(np.mean(by_hand))
