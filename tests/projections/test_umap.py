"""Live UMAP against autograd, umap-learn's fuzzy set and its fit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness

from tltutor.projections import UMAP
from tltutor.projections.backend import compiled_loops
from tltutor.projections.distances import nearest, squared_distances
from tltutor.projections.fuzzy import find_ab_params, fuzzy_simplicial_set, memberships
from tltutor.projections.umap import EPSILON, repulsion_rates, umap_gradient, umap_loss

X = (load_digits().data[:400] + 0.1 * np.random.default_rng(0).normal(size=(400, 64))).astype(
    np.float32
)  # no ties


@contextmanager
def judging() -> Iterator[ModuleType]:
    """umap-learn, its warnings unheard; numba raises the number of OpenMP's threads, which is torch's too: put back."""
    threads = torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap
        import umap.umap_

        yield umap
    torch.set_num_threads(threads)


def test_neighbors_are_exact() -> None:
    d2 = squared_distances(torch.tensor(X[:60]))
    distances, rows = nearest(d2, 7)
    theirs = np.argsort(d2.numpy() + 1e9 * np.eye(60), axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(rows, theirs)
    np.testing.assert_allclose(
        distances, np.sqrt(np.take_along_axis(d2.numpy(), theirs, 1)), rtol=1e-6
    )
    assert nearest(d2, 80)[1].shape == (60, 59)  # no more than there are others


@pytest.mark.parametrize("doubles", [0, 5])
def test_fuzzy_set_is_umap_learns(doubles: int) -> None:
    x = X[:150].copy()
    x[:doubles] = x[
        doubles : 2 * doubles
    ]  # rho is the distance to the nearest that is not a duplicate
    d2 = squared_distances(torch.tensor(x))
    distances = d2.sqrt().numpy()
    rows = np.concatenate(
        [np.arange(150)[:, None], nearest(d2, 14)[1].numpy()], 1
    )  # the point itself first
    with judging() as umap:
        theirs = umap.umap_.fuzzy_simplicial_set(
            x,
            15,
            np.random.RandomState(0),
            "euclidean",
            knn_indices=rows,
            knn_dists=np.take_along_axis(distances, rows, 1),
        )[0].toarray()
    ours = fuzzy_simplicial_set(d2, 15)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert torch.equal(ours, ours.T)
    assert not ours.diagonal().any()


def test_memberships_sum_to_the_paper_s_target() -> None:
    distances, _ = nearest(squared_distances(torch.tensor(X)), 14)
    m = memberships(distances)
    np.testing.assert_allclose(m.sum(1), math.log2(15), rtol=1e-3)
    assert (m[:, 0] == 1).all()


@pytest.mark.parametrize("min_dist", [0.0, 0.1, 0.5, 0.99])
def test_curve_is_umap_learns(min_dist: float) -> None:
    with judging() as umap:
        theirs = umap.umap_.find_ab_params(1.0, min_dist)
    np.testing.assert_allclose(find_ab_params(min_dist), theirs, rtol=1e-3)


@pytest.mark.parametrize("min_dist", [0.0, 0.1, 0.8])
def test_gradient_is_the_losses(min_dist: float) -> None:
    v = fuzzy_simplicial_set(squared_distances(torch.tensor(X[:40]).double()), 8)
    p = v / v.sum()
    a, b = find_ab_params(min_dist)
    y = torch.randn(
        40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True
    )
    (by_autograd,) = torch.autograd.grad(umap_loss(y, p, a=a, b=b), y)
    torch.testing.assert_close(umap_gradient(y.detach(), p, a=a, b=b), by_autograd)


def test_loss_by_hand() -> None:
    """Three points, the sums written out."""
    y = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
    p = torch.tensor([[0, 0.3, 0.0], [0.3, 0, 0.2], [0.0, 0.2, 0]], dtype=torch.float64)
    expected = 0.0
    for i in range(3):
        for j in set(range(3)) - {i}:
            w = 1 / (1 + 1.5 * (float((y[i] - y[j]).square().sum()) + EPSILON) ** 0.8)
            r = 5 * float(p[i].sum() + p[j].sum()) / 6
            expected -= float(p[i, j]) * math.log(w) + r * math.log(1 - w)
    assert float(umap_loss(y, p, a=1.5, b=0.8)) == pytest.approx(expected, rel=1e-12)


def test_repulsion_rates_are_what_negative_sampling_gives_on_average() -> None:
    """Each attraction of (i, j) makes i repel 5 points drawn at random; a repulsion of (i, k) is one of (k, i) too."""
    rng = np.random.default_rng(0)
    p = rng.random((6, 6))
    p = (p + p.T) / 2
    np.fill_diagonal(p, 0)
    counted, draws = np.zeros((6, 6)), 400_000
    heads = rng.choice(36, size=draws, p=p.ravel() / p.sum()) // 6
    np.add.at(counted, (heads, rng.integers(0, 6, draws)), 5 * p.sum() / draws)
    np.testing.assert_allclose(
        repulsion_rates(torch.tensor(p)), (counted + counted.T) / 2, rtol=0.03
    )


def test_repulsion_scales_the_repulsion_alone() -> None:
    v = fuzzy_simplicial_set(squared_distances(torch.tensor(X[:30]).double()), 8)
    p = v / v.sum()
    y = torch.randn(30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    none, half, full = (
        umap_gradient(y, p, a=1.5, b=0.9, repulsion=repulsion) for repulsion in (0.0, 0.5, 1.0)
    )
    torch.testing.assert_close(half, (none + full) / 2)
    assert (none * y).sum() > 0  # attraction alone gathers the points


@pytest.mark.slow
def test_trustworthy_as_a_full_fit() -> None:
    with judging() as umap:
        theirs = umap.UMAP(random_state=0, n_jobs=1).fit_transform(X)
    cold = UMAP()(X)
    assert (
        trustworthiness(X, cold, n_neighbors=10) > trustworthiness(X, theirs, n_neighbors=10) - 0.01
    )


def test_min_dist_sets_how_close_points_are_drawn() -> None:
    def gap(min_dist: float) -> float:
        xy = UMAP(min_dist=min_dist)(X[:150])
        return float(np.median(nearest(squared_distances(torch.tensor(xy)), 1)[0]))

    assert gap(0.0) < 0.5 * gap(0.8)


def test_follows_features_that_change_slowly() -> None:
    """The target half drifts in over 40 frames; the carried map ends as good as a fresh one."""
    rng = np.random.default_rng(0)
    target = np.arange(200) % 2 == 1
    shift = rng.normal(size=64)
    shift *= 35 / np.linalg.norm(shift)
    projection = UMAP()
    for frame in range(45):
        x = X[:200] + np.outer(target * 0.9**frame, shift)
        xy = projection(x)
    assert (
        trustworthiness(x, xy, n_neighbors=10)
        > trustworthiness(x, UMAP()(x), n_neighbors=10) - 0.01
    )


def test_three_thousand_duplicates_stay_finite() -> None:
    x = torch.tensor(X[:3]).repeat(1000, 1)
    v = fuzzy_simplicial_set(squared_distances(x), 15)
    assert v.isfinite().all()
    p = v / v.sum()
    y = (x - x.mean(0))[:, :2]
    for _ in range(2):
        y = y - 300 * umap_gradient(y, p, a=1.58, b=0.9)
    assert y.isfinite().all()


def test_the_live_map_descends_the_paper_s_gradient() -> None:
    """Pair by pair with umap-learn's a, b and 5 repulsions for each attraction, at the places where the map itself asks."""
    v = fuzzy_simplicial_set(squared_distances(torch.tensor(X[:30]).double()), 8)
    p = v / v.sum()
    y = torch.randn(30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with judging() as umap:
        a, b = map(float, umap.umap_.find_ab_params(1.0, 0.3))
        negatives = umap.UMAP().negative_sample_rate
    for repulsion in (0.25, 1.0):
        wanted = torch.zeros_like(y)
        for i in range(30):
            for j in set(range(30)) - {i}:
                s = float((y[i] - y[j]).square().sum()) + 0.001
                attraction = (
                    2 * a * b * s ** (b - 1) / (1 + a * s**b) * float(p[i, j])
                )  # both formulas: section 3.2 of the paper
                sampled = negatives * float(p[i].sum() + p[j].sum()) / (2 * 30)
                repelled = 2 * b / (s * (1 + a * s**b)) * sampled
                wanted[i] += (
                    2 * (attraction - repulsion * repelled) * (y[i] - y[j])
                )  # each pair comes twice in the sum
        for at, affinities in ((y, p), (y.float(), p.float())):
            loops = compiled_loops(at)
            given = UMAP(min_dist=0.3)._gradient(
                at, affinities, affinities.sum(1), repulsion=repulsion, loops=loops
            )
            torch.testing.assert_close(
                given.double(), wanted, rtol=2e-3, atol=1e-3 * float(wanted.abs().max())
            )


def test_more_neighbors_than_points_are_all_of_them() -> None:
    d2 = squared_distances(torch.tensor(X[:10]))
    assert torch.equal(fuzzy_simplicial_set(d2, 200), fuzzy_simplicial_set(d2, 10))
    assert not torch.equal(fuzzy_simplicial_set(d2, 9), fuzzy_simplicial_set(d2, 10))


def test_neighbors_at_almost_one_distance_keep_a_width() -> None:
    """umap-learn's lower bound of sigma, 1e-3 of the mean distance: without it the last neighbor would not belong at all."""
    distances = torch.tensor([[1.0] * 9 + [1.0001]], dtype=torch.float64)
    assert float(memberships(distances)[0, 9]) == pytest.approx(
        math.exp(-1e-4 / (1e-3 * 1.00001)), rel=1e-6
    )
