"""Maps against closed forms, double loops, integrals, POT, scikit-learn and skada."""

import numpy as np
import ot
import pytest
from scipy.linalg import eigh, sqrtm
from scipy.optimize import linprog
from scipy.stats import wasserstein_distance
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tltutor.classical import (
    CORAL,
    EMD,
    GFK,
    JDA,
    TCA,
    ClassTransport,
    LinearTransport,
    PooledPCA,
    Sinkhorn,
    SourceLDA,
    SubspaceAlignment,
    pipeline,
)
from tltutor.classical.aligner import count_components
from tltutor.classical.class_transport import SMALL, class_cost
from tltutor.classical.components import (
    contrast_scale,
    domain_contrast,
    transfer_components,
    unit_variance,
)
from tltutor.classical.coral import coral_matrix, power
from tltutor.classical.gfk import geodesic, geodesic_flow_kernel
from tltutor.classical.jda import class_contrasts
from tltutor.classical.kernels import gaussian_kernel, median_distance
from tltutor.classical.lda import discriminants, scatters
from tltutor.classical.subspace_alignment import alignment_matrix
from tltutor.classical.subspaces import basis, two_bases
from tltutor.classical.transport import barycenters, cost_matrix, reduced, sinkhorn_plan
from tltutor.domains import load_pair


def rotation(degrees):
    a = np.deg2rad(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def two_samples(n_s=60, n_t=50, d=5, seed=0):
    """Two Gaussian samples of other means and covariances."""
    rng = np.random.default_rng(seed)
    mix_s, mix_t = rng.normal(size=(d, d)), rng.normal(size=(d, d))
    return rng.normal(size=(n_s, d)) @ mix_s, rng.normal(size=(n_t, d)) @ mix_t + rng.normal(size=d)


def labels(n, k=3):
    return np.arange(n) % k


def cov(x):
    return np.cov(x, rowvar=False)


# CORAL and linear transport: both make covariances equal, and are not the same map


def test_coral_gives_the_source_the_targets_covariance():
    xs, xt = two_samples()
    moved = CORAL(reg=0).fit_transform(xs, target=xt)
    assert cov(moved) == pytest.approx(cov(xt), rel=1e-8, abs=1e-8)
    assert moved.mean(axis=0) == pytest.approx(xt.mean(axis=0))
    assert cov(xs @ coral_matrix(cov(xs), cov(xt))) == pytest.approx(cov(xt), rel=1e-8, abs=1e-8)
    assert CORAL().fit(xs, target=xt).transform(xt) is not None
    assert np.array_equal(CORAL().fit(xs, target=xt).transform(xt), xt)


def test_coral_leaves_the_mean_where_it_is_told_to():
    xs, xt = two_samples()
    assert CORAL(with_mean=False).fit_transform(xs, target=xt).mean(axis=0) == pytest.approx(
        xs.mean(axis=0)
    )


def test_corals_ridge_is_one_on_standardized_features_as_in_the_paper():
    """The regularized map of the paper's four lines of MATLAB, on features of variance 1."""
    xs, xt = two_samples()
    xs, xt = (StandardScaler().fit_transform(x) * np.sqrt((len(x) - 1) / len(x)) for x in (xs, xt))
    Cs, Ct = cov(xs) + np.eye(5), cov(xt) + np.eye(5)
    wanted = xs @ np.linalg.inv(sqrtm(Cs)) @ sqrtm(Ct)
    unit = (np.trace(cov(xs)) + np.trace(cov(xt))) / 10
    assert CORAL(reg=1 / unit).fit_transform(xs, target=xt) == pytest.approx(
        wanted, rel=1e-8, abs=1e-8
    )


def test_corals_reg_is_in_units_of_the_mean_variance_of_both_domains():
    """Not of the source's alone: the two are exchanged here, and their scales are far apart."""
    xs, xt = two_samples()
    for a, b in ((xs, 10 * xt), (10 * xs, xt)):
        unit = (np.trace(cov(a)) + np.trace(cov(b))) / 10
        Cs, Ct = cov(a) + 0.5 * unit * np.eye(5), cov(b) + 0.5 * unit * np.eye(5)
        wanted = (a - a.mean(axis=0)) @ np.linalg.inv(sqrtm(Cs)) @ sqrtm(Ct) + b.mean(axis=0)
        assert CORAL(reg=0.5).fit_transform(a, target=b) == pytest.approx(
            wanted, rel=1e-8, abs=1e-8
        )


def test_coral_agrees_with_skada_on_samples_of_one_size(skada):
    """skada's covariances have 1 / n where ours have 1 / (n - 1): with as many points on both sides the map is the same."""
    xs, xt = (x - x.mean(axis=0) for x in two_samples(60, 60))
    x, domain = np.concatenate([xs, xt]), np.repeat([1, -2], [len(xs), len(xt)])
    peer = skada.CORALAdapter(reg=0).fit_transform(x, sample_domain=domain)[: len(xs)]
    assert CORAL(reg=0).fit_transform(xs, target=xt) == pytest.approx(peer, rel=1e-6, abs=1e-6)


def test_a_power_of_a_singular_covariance_keeps_to_its_range():
    C = np.diag([4.0, 0.0])
    assert power(C, -0.5) == pytest.approx(np.diag([0.5, 0]))
    assert power(np.zeros((2, 2)), -0.5) == pytest.approx(np.zeros((2, 2)))
    A = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert power(A, 0.5) @ power(A, 0.5) == pytest.approx(A)


def test_linear_transport_is_the_symmetric_map_and_corals_is_not():
    xs, xt = two_samples(400, 500)
    linear, coral = LinearTransport(reg=0).fit(xs, target=xt), CORAL(reg=0).fit(xs, target=xt)
    A = linear.matrix_
    S = power(cov(xs), 0.5)
    assert pytest.approx(A.T) == A
    assert np.linalg.eigvalsh(A).min() > 0
    assert (
        pytest.approx(
            power(cov(xs), -0.5) @ power(S @ cov(xt) @ S, 0.5) @ power(cov(xs), -0.5),
            rel=1e-8,
            abs=1e-8,
        )
        == A
    )
    assert cov(linear.transform_source(xs)) == pytest.approx(cov(xt), rel=1e-8, abs=1e-8)
    assert linear.transform_source(xs).mean(axis=0) == pytest.approx(xt.mean(axis=0))

    def cost(moved):
        return ((moved - xs) ** 2).sum(axis=1).mean()

    assert cost(linear.transform_source(xs)) < 0.98 * cost(coral.transform_source(xs))


def test_in_one_dimension_linear_transport_and_coral_are_one_map():
    xs, xt = two_samples(d=1)
    wanted = (xs - xs.mean()) * xt.std(ddof=1) / xs.std(ddof=1) + xt.mean()
    assert CORAL(reg=0).fit_transform(xs, target=xt) == pytest.approx(wanted)
    assert LinearTransport(reg=0).fit_transform(xs, target=xt) == pytest.approx(wanted)


# Optimal transport with a plan


def test_in_one_dimension_the_exact_plan_matches_the_sorted_points():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(40, 1)), rng.exponential(size=(40, 1))
    method = EMD().fit(xs, target=xt)
    moved = method.transform_source(xs)
    assert moved[np.argsort(xs[:, 0]), 0] == pytest.approx(np.sort(xt[:, 0]))
    assert np.abs(moved - xs).mean() == pytest.approx(wasserstein_distance(xs[:, 0], xt[:, 0]))


def test_the_exact_plan_is_the_linear_programs():
    xs, xt = two_samples(6, 5, d=2)
    plan = EMD().fit(xs, target=xt).coupling_
    cost = cost_matrix(xs, xt)
    sums = np.concatenate([np.kron(np.eye(6), np.ones(5)), np.kron(np.ones(6), np.eye(5))])
    best = linprog(cost.ravel(), A_eq=sums, b_eq=np.repeat([1 / 6, 1 / 5], [6, 5]))
    assert (plan * cost).sum() == pytest.approx(best.fun)


def test_costs_are_squared_distances_over_their_median():
    xs, xt = two_samples(7, 9)
    d2 = np.array([[((a - b) ** 2).sum() for b in xt] for a in xs])
    assert cost_matrix(xs, xt) == pytest.approx(d2 / np.median(d2))
    assert cost_matrix(30 * xs, 30 * xt) == pytest.approx(d2 / np.median(d2))
    assert cost_matrix(np.ones((2, 1)), np.ones((3, 1))) == pytest.approx(np.zeros((2, 3)))


@pytest.mark.parametrize("entropy", [0.02, 0.1, 1.0])
def test_sinkhorns_plan_has_its_marginals_and_is_pots_in_the_log_domain(entropy):
    xs, xt = two_samples(30, 40)
    plan = Sinkhorn(reg_e=entropy).fit(xs, target=xt).coupling_
    assert plan.sum(axis=1) == pytest.approx(np.full(30, 1 / 30), abs=1e-8)
    assert plan.sum(axis=0) == pytest.approx(np.full(40, 1 / 40), abs=1e-8)
    peer = ot.sinkhorn(
        [],
        [],
        cost_matrix(xs, xt),
        entropy,
        method="sinkhorn_log",
        numItermax=100000,
        stopThr=1e-10,
    )
    assert plan == pytest.approx(peer, abs=1e-8)


def test_nothing_underflows_where_a_point_lies_far_from_all_others():
    """exp(-cost / entropy) of the outlier's row is 0 in every entry, unless costs are reduced by each row's least."""
    xs, xt = two_samples(30, 30)
    xs[0] += 200
    cost = cost_matrix(xs, xt)
    assert (np.exp(-cost[0] / 0.1) == 0).all()
    plan = sinkhorn_plan(cost, 0.1)
    assert plan.sum(axis=1) == pytest.approx(np.full(30, 1 / 30), abs=1e-8)
    assert reduced(cost).min(axis=1) == pytest.approx(np.zeros(30), abs=1e-9)
    assert reduced(cost).min(axis=0) == pytest.approx(np.zeros(30), abs=1e-9)
    assert reduced(cost).min() >= 0


def test_a_little_entropy_is_nearly_exact_and_much_sends_all_to_the_mean():
    xs, xt = two_samples(30, 30, d=2)
    exact, much = (
        EMD().fit_transform(xs, target=xt),
        Sinkhorn(reg_e=10).fit_transform(xs, target=xt),
    )
    little = Sinkhorn(reg_e=0.02).fit_transform(xs, target=xt)
    assert np.abs(little - exact).mean() < 0.25 * np.abs(much - exact).mean()
    assert much == pytest.approx(np.tile(xt.mean(axis=0), (30, 1)), abs=0.5)


def test_a_source_point_goes_to_the_barycenter_of_where_its_mass_goes():
    plan, xt = np.array([[0.1, 0.3], [0.6, 0.0]]), np.array([[0.0, 4.0], [8.0, 0.0]])
    assert barycenters(plan, xt) == pytest.approx(np.array([[6.0, 1.0], [0.0, 4.0]]))
    with pytest.raises(
        ValueError, match="the transport plan lost some of its mass to rounding: raise reg_e"
    ):
        barycenters(np.array([[0.5, 0.5], [0.0, 0.0]]), xt)


@pytest.mark.parametrize(
    "method", [EMD(), Sinkhorn(reg_e=0.1), ClassTransport(reg_e=1.0, reg_cl=0.1), LinearTransport()]
)
def test_moved_points_are_pots(method):
    xs, xt = two_samples(25, 30)
    ys = labels(25)
    moved = method.fit_transform(xs, ys, target=xt)
    cost = cost_matrix(xs, xt)
    a, b = np.full(25, 1 / 25), np.full(30, 1 / 30)
    if isinstance(method, LinearTransport):
        xs, xt = two_samples(
            30, 30
        )  # POT's covariances have another factor, which is the same on samples of one size
        peer = ot.da.LinearTransport(reg=1e-9).fit(Xs=xs, Xt=xt).transform(Xs=xs)
        assert LinearTransport(reg=0).fit_transform(xs, target=xt) == pytest.approx(peer, abs=1e-5)
        return
    plans = {
        EMD: lambda: ot.emd(a, b, cost),
        Sinkhorn: lambda: ot.sinkhorn(a, b, cost, 0.1, numItermax=20000, stopThr=1e-12),
        ClassTransport: lambda: ot.da.sinkhorn_lpl1_mm(
            a, ys, b, cost, 1.0, eta=0.1, numInnerItermax=20000
        ),
    }
    assert moved == pytest.approx(plans[type(method)]() @ xt * 25, abs=1e-6)


def test_skadas_exact_transport_moves_points_alike(skada):
    xs, xt = two_samples(25, 30)
    x, domain = np.concatenate([xs, xt]), np.repeat([1, -2], [25, 30])
    peer = skada.OTMappingAdapter().fit_transform(x, sample_domain=domain)[:25]
    assert EMD().fit_transform(xs, target=xt) == pytest.approx(peer, abs=1e-6)


def test_class_costs_are_the_derivative_of_the_penalty():
    rng = np.random.default_rng(0)
    plan, of_class = rng.random((5, 4)), np.eye(2)[[0, 1, 0, 1, 1]]

    def penalty(p):
        return np.sqrt(of_class.T @ p + SMALL).sum()

    step = 1e-6
    for i in range(5):
        for j in range(4):
            up = plan.copy()
            up[i, j] += step
            assert class_cost(plan, of_class)[i, j] == pytest.approx(
                (penalty(up) - penalty(plan)) / step, rel=1e-4
            )


def test_classes_mix_less_the_more_it_costs():
    xs, xt = two_samples(60, 60, d=2)
    ys = labels(60)

    def mixing(eta):
        mass = (
            np.eye(3)[ys].T
            @ ClassTransport(reg_e=0.1, reg_cl=eta).fit(xs, ys, target=xt).coupling_
            * 60
        )
        return 1 - mass.max(axis=0).mean()

    assert mixing(0.0) > 2 * mixing(0.1)
    assert mixing(0.0) > 2 * mixing(1.0)
    assert ClassTransport(reg_e=0.1, reg_cl=0).fit(xs, ys, target=xt).coupling_ == pytest.approx(
        Sinkhorn(reg_e=0.1).fit(xs, target=xt).coupling_, abs=1e-9
    )


def test_at_its_defaults_the_class_term_helps_over_the_same_entropy_without_it():
    """A class term that is large beside the entropy keeps the first plan's classes, right or wrong."""
    for name in ("bands->subspace-shift", "blobs->conditional-shift"):
        for seed in range(3):
            pair = load_pair(name, seed=seed, n_samples=150)
            default, plain, frozen = (
                target_accuracy([method], pair)
                for method in (ClassTransport(), Sinkhorn(), ClassTransport(reg_e=0.1, reg_cl=0.1))
            )
            assert default > plain + 0.02
            assert default > frozen + 0.02


def test_a_plan_that_stopped_too_soon_is_told():
    from tltutor.classical.transport import warn_unless_exact

    with pytest.warns(
        ConvergenceWarning, match="ot_class stopped 50% away from the target's shares: raise reg_e"
    ):
        warn_unless_exact(np.array([[0.25, 0.0], [0.5, 0.25]]), "ot_class")


def test_a_new_source_point_moves_as_its_nearest_one():
    xs, xt = two_samples(20, 20, d=2)
    method = EMD().fit(xs, target=xt)
    step = np.array([1e-4, -1e-4])
    assert method.transform_source(xs[:3] + step) == pytest.approx(
        method.fit_transform(xs, target=xt)[:3] + step
    )


def test_equal_source_points_may_be_sent_apart():
    xs, xt = np.zeros((2, 1)), np.array([[-1.0], [1.0]])
    assert sorted(EMD().fit_transform(xs, target=xt)[:, 0]) == [-1, 1]


# Subspaces


def test_a_basis_is_scikit_learns_principal_directions():
    x, _ = two_samples()
    P = basis(x, 3)
    assert pytest.approx(np.eye(3), abs=1e-12) == P.T @ P
    peer = PCA(3).fit(x).components_.T
    assert np.abs(np.sum(P * peer, axis=0)) == pytest.approx(np.ones(3))
    assert (P[np.abs(P).argmax(axis=0), range(3)] > 0).all()


@pytest.mark.parametrize(
    ("components", "most", "number"),
    [(0, 2, 2), (0, 64, 20), (0, 10, 5), (3, 10, 3), (30, 10, 10), (0, 1, 1)],
)
def test_how_many_components_are_kept(components, most, number):
    assert count_components(components, most) == number


def test_subspace_alignment_is_the_papers_and_skadas(skada):
    xs, xt = two_samples()
    Ps, Pt = basis(xs, 2), basis(xt, 2)
    M = alignment_matrix(Ps, Pt)
    off = np.linalg.norm(Ps @ M - Pt)
    rng = np.random.default_rng(0)
    assert all(
        np.linalg.norm(Ps @ (M + 0.1 * rng.normal(size=(2, 2))) - Pt) > off for _ in range(20)
    )
    method = SubspaceAlignment(n_components=2)
    moved = method.fit_transform(xs, target=xt)
    assert moved == pytest.approx((xs - xs.mean(axis=0)) @ Ps @ Ps.T @ Pt)
    assert method.transform(xt) == pytest.approx((xt - xt.mean(axis=0)) @ Pt)
    x, domain = np.concatenate([xs, xt]), np.repeat([1, -2], [len(xs), len(xt)])
    peer = skada.SubspaceAlignmentAdapter(n_components=2, random_state=0).fit_transform(
        x, sample_domain=domain
    )
    assert np.abs(moved) == pytest.approx(np.abs(peer[: len(xs)]), abs=1e-8)
    assert np.abs(method.transform(xt)) == pytest.approx(np.abs(peer[len(xs) :]), abs=1e-8)


@pytest.mark.parametrize(("d", "k"), [(5, 2), (6, 3), (4, 3), (2, 2), (3, 1)])
def test_the_geodesic_flow_kernel_is_the_integral_along_the_geodesic(d, k):
    xs, xt = two_samples(d=d)
    Ps, Pt = basis(xs, k), basis(xt, k)
    A, D, angle = geodesic(Ps, Pt)
    ends = A, A * np.cos(angle) + D * np.sin(angle)
    for end, P in zip(ends, (Ps, Pt), strict=True):  # each end spans its domain's subspace
        assert end @ end.T == pytest.approx(P @ P.T, abs=1e-8)
    t, share = np.polynomial.legendre.leggauss(40)
    way = [A * np.cos(s * angle) + D * np.sin(s * angle) for s in (t + 1) / 2]
    assert all(phi.T @ phi == pytest.approx(np.eye(k), abs=1e-8) for phi in way)
    wanted = sum(w / 2 * phi @ phi.T for w, phi in zip(share, way, strict=True))
    assert geodesic_flow_kernel(Ps, Pt) == pytest.approx(wanted, abs=1e-10)


def test_without_a_turn_the_kernel_projects_onto_the_subspace():
    P = basis(two_samples()[0], 2)
    assert geodesic_flow_kernel(P, P) == pytest.approx(P @ P.T, abs=1e-7)


def test_inner_products_after_gfk_are_the_kernels():
    xs, xt = two_samples()
    method = GFK(n_components=2)
    zs, zt = method.fit_transform(xs, target=xt), method.transform(xt)
    G = geodesic_flow_kernel(basis(xs, 2), basis(xt, 2))
    assert zs @ zt.T == pytest.approx((xs - xs.mean(axis=0)) @ G @ (xt - xt.mean(axis=0)).T)


# Transfer components


def looped_mmd_matrix(n_s, n_t, ys=None, guessed=None):
    """L of Pan et al. (2011), and with labels M = L + sum of M_c of Long et al. (2013), entry by entry."""
    n = n_s + n_t
    M = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            sides = (i < n_s, j < n_s)
            M[i, j] += (
                1 / n_s**2 if all(sides) else 1 / n_t**2 if not any(sides) else -1 / (n_s * n_t)
            )
            if ys is None:
                continue
            c_i, c_j = (ys[r] if r < n_s else guessed[r - n_s] for r in (i, j))
            if c_i != c_j or c_i not in guessed:
                continue
            s, t = (ys == c_i).sum(), (guessed == c_i).sum()
            M[i, j] += 1 / s**2 if all(sides) else 1 / t**2 if not any(sides) else -1 / (s * t)
    return M


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("mu", [0.01, 1.0, 50.0])
def test_transfer_components_solve_the_papers_eigenproblem(classes, mu):
    xs, xt = two_samples(20, 15)
    ys, guessed = (
        labels(20),
        np.where(labels(15) == 2, 0, labels(15)),
    )  # nobody is guessed to be of class 2
    contrasts = domain_contrast(20, 15)[:, None]
    M = looped_mmd_matrix(20, 15, *((ys, guessed) if classes else ()))
    if classes:
        contrasts = np.hstack([contrasts, class_contrasts(ys, guessed)])
    assert contrasts @ contrasts.T == pytest.approx(M, abs=1e-15)
    x = np.concatenate([xs, xt])
    K = gaussian_kernel(x, x, median_distance(xs, xt))
    H = np.eye(35) - 1 / 35
    left, right = K @ H @ K, K @ M @ K + mu * np.eye(35)
    phi, wanted = eigh(left, right)
    found = transfer_components(K, contrasts, mu, 4)
    assert np.diag(found.T @ left @ found) == pytest.approx(phi[::-1][:4])
    assert found.T @ right @ found == pytest.approx(np.eye(4), abs=1e-8)
    assert np.abs(found.T @ right @ wanted[:, ::-1][:, :4]) == pytest.approx(np.eye(4), abs=1e-6)


def test_many_points_give_the_components_that_few_would(monkeypatch):
    from tltutor.classical import components

    xs, xt = two_samples(50, 40)
    x = np.concatenate([xs, xt])
    K, contrast = gaussian_kernel(x, x, 2.0), domain_contrast(50, 40)[:, None]
    dense = transfer_components(K, contrast, 1.0, 3)
    monkeypatch.setattr(components, "DENSE", 10)
    assert transfer_components(K, contrast, 1.0, 3) == pytest.approx(dense, abs=1e-8)


def test_mus_unit_is_the_largest_eigenvalue_of_kmk_so_that_neither_the_kernel_nor_n_matters():
    xs, xt = two_samples(20, 15)
    x = np.concatenate([xs, xt])
    K = gaussian_kernel(x, x, median_distance(xs, xt))
    contrasts = np.hstack(
        [domain_contrast(20, 15)[:, None], class_contrasts(labels(20), labels(15))]
    )
    largest = np.linalg.eigvalsh(K @ contrasts @ contrasts.T @ K)[-1]
    assert contrast_scale(K, contrasts) == pytest.approx(largest)
    assert contrast_scale(np.zeros((35, 35)), contrasts) == 1.0
    same, contrast = (
        gaussian_kernel(np.tile(xs, (2, 1)), np.tile(xs, (2, 1)), 1.0),
        domain_contrast(20, 20)[:, None],
    )
    assert contrast_scale(same, contrast) == pytest.approx(
        1e-12 * (same**2).sum() / 10
    )  # K l is rounding, or 0

    def mapped(scale, copies, method):
        method.fit(
            np.tile(scale * xs, (copies, 1)),
            np.tile(labels(20), copies),
            target=np.tile(scale * xt, (copies, 1)),
        )
        return np.abs(method.transform(scale * xt))

    for make in (TCA, JDA):
        wanted = mapped(1, 1, make(n_components=3, kernel="linear"))
        assert mapped(100, 1, make(n_components=3, kernel="linear")) == pytest.approx(
            wanted, rel=1e-6, abs=1e-8
        )
        assert mapped(1, 3, make(n_components=3, kernel="linear")) == pytest.approx(
            wanted, rel=1e-6, abs=1e-8
        )


def test_components_have_variance_1_on_average_or_each_by_pans_constraint():
    xs, xt = two_samples()
    n, x = 110, np.concatenate(two_samples())
    for make in (TCA, JDA):
        mean, each = (
            make(n_components=4, whiten=whiten).fit(xs, labels(60), target=xt)
            for whiten in (False, True)
        )
        assert mean.transform(x).var(axis=0).mean() == pytest.approx(1)
        assert (np.diff(mean.transform(x).var(axis=0)) < -0.01).all()  # the leading ones vary most
        K, H = gaussian_kernel(x, x, each.sigma_), np.eye(n) - 1 / n
        assert each.eigenvectors_.T @ K @ H @ K @ each.eigenvectors_ / n == pytest.approx(
            np.eye(4), abs=1e-6
        )
    flat = np.array([[1.0, 0.0], [0.5, 0.0]])
    assert np.isfinite(unit_variance(flat, np.eye(2), whiten=True)).all()
    rounding = np.array([[1.0, 0.0], [0.5, 1e-15]])
    assert unit_variance(rounding, np.eye(2), whiten=True)[1, 1] == pytest.approx(
        1e-15
    )  # is not blown up to 1


def test_at_the_default_mu_the_means_agree_for_either_kernel():
    for seed in range(3):
        xs, xt = two_samples(seed=seed)
        for kernel in ("rbf", "linear"):
            method = TCA(n_components=2, kernel=kernel)
            zs, zt = method.fit_transform(xs, target=xt), method.transform(xt)
            raw = np.linalg.norm(xs.mean(axis=0) - xt.mean(axis=0)) / np.concatenate([xs, xt]).std()
            assert np.linalg.norm(zs.mean(axis=0) - zt.mean(axis=0)) < 0.15 * raw


def test_the_means_agree_after_tca_and_the_less_the_larger_mu():
    xs, xt = two_samples(100, 100)

    def apart(mu):
        method = TCA(n_components=3, mu=mu)
        zs, zt = method.fit_transform(xs, target=xt), method.transform(xt)
        return np.linalg.norm(zs.mean(axis=0) - zt.mean(axis=0)) / np.concatenate([zs, zt]).std()

    assert apart(1e-4) < 0.05
    assert apart(1e-4) < apart(1.0) < apart(1e4)


def test_tca_maps_new_points_as_it_maps_the_fitted_ones():
    xs, xt = two_samples()
    for kernel in ("rbf", "linear"):
        method = TCA(n_components=2, kernel=kernel)
        zs = method.fit_transform(xs, target=xt)
        assert method.transform_source(xs[:3]) == pytest.approx(zs[:3])
        assert method.transform(xs[:3]) == pytest.approx(zs[:3])


def test_a_linear_kernel_has_no_more_components_than_features():
    xs, xt = two_samples(d=3)
    assert TCA(n_components=9, kernel="linear").fit_transform(xs, target=xt).shape == (60, 3)


def test_jda_repeats_until_no_pseudo_label_changes():
    pair = load_pair("blobs->conditional-shift", n_samples=150, seed=0)
    xs, ys, xt = pair.source.x, pair.source.y, pair.target.x
    method = JDA(max_iter=100).fit(xs, ys, target=xt)
    pooled = np.concatenate([xs, xt]).astype(float)
    K = gaussian_kernel(pooled, pooled, method.sigma_)
    contrasts = np.hstack(
        [domain_contrast(150, 150)[:, None], class_contrasts(ys, method._pseudo_labels(K, ys))]
    )
    again = transfer_components(K, contrasts, 0.01 * contrast_scale(K, contrasts), 20)
    assert unit_variance(again, K, whiten=False) == pytest.approx(
        method.eigenvectors_, rel=1e-6, abs=1e-8
    )


def test_pseudo_labels_are_the_nearest_source_neighbors_classes():
    xs, xt = two_samples(30, 20)
    ys = labels(30)
    method = JDA().fit(xs, ys, target=xt)
    zs, zt = method.transform_source(xs), method.transform(xt)
    nearest = [ys[np.argmin([np.linalg.norm(a - b) for a in zs])] for b in zt]
    pooled = np.concatenate([xs, xt])
    assert (
        list(method._pseudo_labels(gaussian_kernel(pooled, pooled, method.sigma_), ys)) == nearest
    )


# Baselines


def test_the_pca_baseline_is_scikit_learns_of_both_domains():
    xs, xt = two_samples()
    method = PooledPCA(n_components=2)
    peer = PCA(2).fit(np.concatenate([xs, xt]))
    assert np.abs(method.fit_transform(xs, target=xt)) == pytest.approx(np.abs(peer.transform(xs)))
    assert np.abs(method.transform(xt)) == pytest.approx(np.abs(peer.transform(xt)))


def test_the_lda_baseline_is_scikit_learns_of_the_source():
    xs, xt = two_samples()
    peer = LinearDiscriminantAnalysis(solver="eigen").fit(xs, labels(60)).transform(xt)
    ours = SourceLDA(shrinkage=1e-6).fit(xs, labels(60), target=xt).transform(xt)
    flat = ours - ours.mean(axis=0)
    peer -= peer.mean(axis=0)
    assert np.abs(flat) == pytest.approx(np.abs(peer), rel=1e-3, abs=1e-3)


def test_scatters_add_up_and_shrinkage_leads_to_the_direction_between_the_means():
    x, _ = two_samples()
    within, between = scatters(x, labels(60, 2))
    assert within + between == pytest.approx(np.cov(x, rowvar=False, bias=True))
    assert np.linalg.matrix_rank(between) == 1
    w = discriminants(within, between, 1, 1.0)[:, 0]
    apart = x[1::2].mean(axis=0) - x[::2].mean(axis=0)
    assert abs(w @ apart) == pytest.approx(np.linalg.norm(w) * np.linalg.norm(apart))


def target_accuracy(method, pair):
    classifier = pipeline(*method, LogisticRegression())
    more = {"target": pair.target.x} if method else {}
    return classifier.fit(pair.source.x, pair.source.y, **more).score(
        pair.target_test.x, pair.target_test.y
    )


def test_joint_pca_aligns_nothing_where_subspace_alignment_and_coral_do():
    pairs = [load_pair("blobs->rotated-blobs", seed=seed) for seed in range(3)]
    none, pca, turned, coral = (
        np.mean([target_accuracy(steps, pair) for pair in pairs])
        for steps in ([], [PooledPCA()], [SubspaceAlignment()], [CORAL()])
    )
    assert pca == pytest.approx(none, abs=0.003)
    assert turned > none + 0.08
    assert coral > none + 0.08


def test_label_shift_hurts_those_who_match_the_marginals():
    pairs = [load_pair("blobs->label-shift", seed=seed) for seed in range(3)]
    none, exact, coral = (
        np.mean([target_accuracy(steps, pair) for pair in pairs])
        for steps in ([], [EMD()], [CORAL()])
    )
    assert none > 0.98
    assert exact < none - 0.2
    assert coral < none - 0.05


def test_a_basis_may_be_wider_than_its_points_are_many():
    P = basis(np.random.default_rng(0).normal(size=(2, 5)), 4)
    np.testing.assert_allclose(P.T @ P, np.eye(4), atol=1e-12)


def test_shrinkage_means_the_same_in_any_unit_of_the_data():
    within, between = scatters(two_samples()[0], labels(60))
    wanted = discriminants(within, between, 2, 0.3)
    np.testing.assert_allclose(
        np.abs(discriminants(1e4 * within, 1e4 * between, 2, 0.3)), np.abs(wanted) / 100, rtol=1e-8
    )


def test_two_bases_have_no_more_directions_than_the_smaller_side_varies_in():
    xs, xt = two_samples(4, 9, d=6)
    assert [P.shape for P in two_bases(xs, xt, 10)] == [(6, 3), (6, 3)]
    assert [P.shape for P in two_bases(xt, xs, 10)] == [(6, 3), (6, 3)]
