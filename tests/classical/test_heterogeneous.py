"""Different feature spaces: CCA of pairs against scikit-learn's and its definition, a projection by labels against Ridge."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA
from sklearn.linear_model import LogisticRegression, Ridge

from tltutor.classical.heterogeneous import paired_cca, projection_by_labels


def views(n=300, *, noise=0.3, seed=0, classes=3):
    """One latent point a row, seen through two random maps, into 5 and into 8 dimensions; its class."""
    rng, maps = np.random.default_rng(seed), np.random.default_rng(99)
    y = np.arange(n) % classes
    latent = 3 * np.eye(3)[y] + rng.normal(size=(n, 3))
    M_s, M_t = maps.normal(size=(3, 5)), maps.normal(size=(3, 8))
    return (
        latent @ M_s + noise * rng.normal(size=(n, 5)),
        latent @ M_t + 7 + noise * rng.normal(size=(n, 8)),
        y,
    )


def test_correlations_are_scikit_learns():
    xs, xt, _ = views()
    ours = paired_cca(xs, xt, 3)
    peer = CCA(n_components=3, max_iter=10_000, tol=1e-12).fit(xs, xt)
    u, v = peer.transform(xs, xt)
    np.testing.assert_allclose(
        ours.correlations, [np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(3)], atol=1e-6
    )
    for i in range(3):
        assert abs(np.corrcoef(ours.source(xs)[:, i], u[:, i])[0, 1]) == pytest.approx(1, abs=1e-5)


def test_coordinates_are_white_and_correlate_with_their_partner_alone():
    xs, xt, _ = views()
    shared = paired_cca(xs, xt, 4)
    u, v = shared.source(xs), shared.target(xt)
    np.testing.assert_allclose(np.cov(u.T), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(np.cov(v.T), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(u.T @ v / (len(u) - 1), np.diag(shared.correlations), atol=1e-9)


def test_in_one_dimension_it_is_pearsons_correlation():
    xs, xt, _ = views()
    found = paired_cca(xs[:, :1], xt[:, :1], 1).correlations[0]
    assert found == pytest.approx(abs(np.corrcoef(xs[:, 0], xt[:, 0])[0, 1]))


def test_maps_of_either_side_change_no_correlation():
    xs, xt, _ = views()
    mixed = paired_cca(
        xs @ np.random.default_rng(1).normal(size=(5, 5)) + 3, 10 * xt, 3
    ).correlations
    np.testing.assert_allclose(mixed, paired_cca(xs, xt, 3).correlations)


def test_flat_directions_and_ridge():
    xs, xt, _ = views(40)
    flat = np.column_stack([xs, xs[:, 0], np.ones(40)])
    np.testing.assert_allclose(
        paired_cca(flat, xt, 3).correlations, paired_cca(xs, xt, 3).correlations
    )
    xs, xt = np.random.default_rng(0).normal(size=(2, 12, 30))
    with pytest.warns(UserWarning, match="12 pairs are too few for ranks 11 and 11"):
        assert paired_cca(xs, xt, 1).correlations[0] == pytest.approx(1)
    assert paired_cca(xs, xt, 1, reg=1.0).correlations[0] < 0.9


def test_ridge_is_added_to_the_variances():
    xs, xt, _ = views()
    plain, ridged = (paired_cca(xs[:, :1], xt[:, :1], 1, reg=r).correlations[0] for r in (0, 0.5))
    assert ridged == pytest.approx(
        plain / 1.5
    )  # both variances times 1.5, the covariance as it was


def test_bad_pairs_are_refused():
    xs, xt, _ = views(10)
    with pytest.raises(ValueError, match="as many source as target rows, 2 or more, got 10 and 9"):
        paired_cca(xs, xt[:9], 1)
    with pytest.raises(
        ValueError,
        match="n_components must be between 1 and 5, the smaller rank of the two sides, got 6",
    ):
        paired_cca(xs, xt, 6)


def test_the_projection_is_ridge_onto_class_means():
    (xs, _, ys), (_, xt, yt) = views(seed=1), views(12, seed=2)
    found = projection_by_labels((xs, ys), (xt, yt), reg=0.7)
    means = np.stack([xs[ys == c].mean(0) for c in yt])
    peer = Ridge(alpha=0.7).fit(xt, means)
    np.testing.assert_allclose(found.A, peer.coef_.T, atol=1e-9)
    np.testing.assert_allclose(found(xt), peer.predict(xt), atol=1e-9)


def test_a_target_class_that_the_source_lacks_is_refused():
    xs, xt, y = views(9)
    with pytest.raises(ValueError, match=r"of the source's classes, got \[5\]"):
        projection_by_labels((xs, y), (xt, np.where(y == 2, 5, y)))
    with pytest.raises(ValueError, match="got none"):
        projection_by_labels((xs, y), (xt[:0], y[:0]))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_source_classifier_reads_the_target_through_pairs_or_a_few_labels(seed):
    (xs, _, ys), (ps, pt, _), (_, few_t, few_y), (_, xt, yt) = (
        views(n, seed=10 * seed + i) for i, n in enumerate((300, 60, 12, 300))
    )
    shared = paired_cca(ps, pt, 3)
    by_pairs = LogisticRegression().fit(shared.source(xs), ys).score(shared.target(xt), yt)
    project = projection_by_labels((xs, ys), (few_t, few_y))
    by_labels = LogisticRegression(max_iter=1000).fit(xs, ys).score(project(xt), yt)
    wrong = paired_cca(ps, np.roll(pt, 1, axis=0), 3)  # pairs that are none
    by_chance = LogisticRegression().fit(wrong.source(xs), ys).score(wrong.target(xt), yt)
    assert by_pairs > 0.85
    assert by_labels > 0.8
    assert by_chance < by_pairs - 0.2


ROWS = np.random.default_rng(0).normal(size=(6, 3))
LABELS = np.arange(6) % 2
HOLED = np.where(np.arange(18).reshape(6, 3) == 4, np.nan, ROWS)
BAD = {
    "a hole in the source": (
        lambda: paired_cca(HOLED, ROWS, 1),
        r"source examples .* finite numbers, got shape \(6, 3\) with 1",
    ),
    "a hole in the target": (
        lambda: projection_by_labels((ROWS, LABELS), (HOLED, LABELS)),
        "target examples .* finite numbers",
    ),
    "one dimension": (
        lambda: paired_cca(ROWS, ROWS[:, 0], 1),
        r"a table \(n, d\) of finite numbers, got shape \(6,\)",
    ),
    "a side that does not vary": (
        lambda: paired_cca(np.ones((6, 3)), ROWS, 1),
        "both sides of the pairs must vary",
    ),
    "reg below 0": (lambda: paired_cca(ROWS, ROWS, 1, reg=-1), "reg must be 0 or above, got -1"),
    "no ridge where it is needed": (
        lambda: projection_by_labels((ROWS, LABELS), (ROWS[:2], LABELS[:2]), reg=0),
        "2 target examples do not span their 3 features: give reg above 0",
    ),
    "labels that are missing": (
        lambda: projection_by_labels((ROWS, LABELS), (ROWS, LABELS[:5])),
        "got 6 for 6 source and 5 for 6",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_mapped_is_refused_with_a_remedy(case):
    fit, words = BAD[case]
    with pytest.raises(ValueError, match=words):
        fit()


def test_reg_is_a_share_of_the_mean_variance_of_a_side_and_coordinates_are_white_with_it():
    x = views(50)[0] * np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    shared = paired_cca(x, x, 5, reg=0.3)
    C = np.cov(x.T)
    regularized = C + 0.3 * np.trace(C) / 5 * np.eye(5)
    np.testing.assert_allclose(shared.A_s.T @ regularized @ shared.A_s, np.eye(5), atol=1e-9)
