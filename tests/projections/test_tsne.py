"""Live t-SNE against autograd, scikit-learn's perplexity search and openTSNE's fit."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from scipy.spatial.distance import squareform
from sklearn.datasets import load_digits
from sklearn.manifold import _t_sne, trustworthiness

from tltutor.projections import TSNE
from tltutor.projections.backend import compiled_loops
from tltutor.projections.distances import squared_distances
from tltutor.projections.perplexity import conditional_probabilities, joint_probabilities
from tltutor.projections.tsne import tsne_gradient, tsne_loss

X = load_digits().data[:400].astype(np.float32)


@pytest.fixture(scope="module")
def d2() -> torch.Tensor:
    return squared_distances(torch.tensor(X))


def test_distances_are_exact_and_duplicates_at_zero() -> None:
    x = torch.tensor(np.concatenate([X[:50], X[:3]])) + 100
    d2 = squared_distances(x)
    theirs = torch.cdist(x.double(), x.double()).square()
    torch.testing.assert_close(d2.double(), theirs, rtol=1e-4, atol=1e-3)
    assert (d2[50:, :3].diagonal() == 0).all()
    assert torch.equal(d2, d2.T)
    assert not squared_distances(torch.full((5, 7), 3.3)).any()
    assert not squared_distances(
        torch.full((50, 9), 3.3) + 1e-7 * torch.eye(50, 9)
    ).any()  # float32's last digit


@pytest.mark.parametrize("perplexity", [5.0, 30.0])
def test_joint_probabilities_are_scikit_learns(d2: torch.Tensor, perplexity: float) -> None:
    theirs = squareform(_t_sne._joint_probabilities(d2.double().numpy(), perplexity, 0))
    for loops in (compiled_loops(d2), None):
        ours = joint_probabilities(d2, perplexity, loops).numpy()
        np.testing.assert_allclose(ours, theirs, atol=1e-4 * theirs.max())
        assert ours.sum() == pytest.approx(1, abs=1e-5)
        assert (ours.diagonal() == 0).all()


def test_every_row_has_the_perplexity_asked_for(d2: torch.Tensor) -> None:
    for loops in (compiled_loops(d2), None):
        p = conditional_probabilities(d2, 20.0, loops)
        np.testing.assert_allclose(torch.exp(-torch.xlogy(p, p).sum(1)), 20, rtol=1e-3)
        few = conditional_probabilities(
            d2[:13, :13], 20.0, loops
        )  # lowered to a third of the others
        np.testing.assert_allclose(torch.exp(-torch.xlogy(few, few).sum(1)), 4, rtol=1e-3)


def test_perplexity_of_features_on_very_different_scales() -> None:
    x = torch.cat([torch.tensor(X[:60]) * 0.1, torch.tensor(X[60:120]) * 10])
    for loops in (compiled_loops(x), None):
        p = conditional_probabilities(squared_distances(x), 10.0, loops)
        np.testing.assert_allclose(torch.exp(-torch.xlogy(p, p).sum(1)), 10, rtol=1e-2)


def test_gradient_is_the_losses() -> None:
    p = joint_probabilities(squared_distances(torch.tensor(X[:40]).double()), 8.0)
    y = torch.randn(
        40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True
    )
    (by_autograd,) = torch.autograd.grad(tsne_loss(y, p), y)
    torch.testing.assert_close(tsne_gradient(y.detach(), p), by_autograd)


def test_loss_is_the_divergence() -> None:
    """Against scikit-learn's objective, which leaves nothing out: KL(P || Q) by numbers."""
    p = joint_probabilities(squared_distances(torch.tensor(X[:30]).double()), 5.0)
    y = np.random.default_rng(0).normal(size=(30, 2))
    theirs, _ = _t_sne._kl_divergence(y.ravel(), squareform(p.numpy(), checks=False), 1, 30, 2)
    assert float(tsne_loss(torch.tensor(y), p)) == pytest.approx(theirs, rel=1e-6)


def test_repulsion_below_one_is_early_exaggeration() -> None:
    p = joint_probabilities(squared_distances(torch.tensor(X[:40]).double()), 8.0)
    y = torch.randn(40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    exaggerated = tsne_gradient(y, 12 * p) / 12
    torch.testing.assert_close(tsne_gradient(y, p, repulsion=1 / 12), exaggerated)


def test_trustworthy_as_a_full_fit() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import openTSNE

        theirs = np.asarray(openTSNE.TSNE(random_state=0, n_jobs=1).fit(X))
    projection = TSNE()
    cold = projection(X)
    judged = trustworthiness(X, theirs, n_neighbors=10)
    assert trustworthiness(X, cold, n_neighbors=10) > judged - 0.01
    p = joint_probabilities(squared_distances(torch.tensor(X)), 30.0)
    assert (
        float(tsne_loss(torch.tensor(cold), p))
        < float(tsne_loss(torch.tensor(theirs, dtype=torch.float32), p)) + 0.03
    )


def test_follows_features_that_change_slowly() -> None:
    """The target half drifts in over 40 frames; the carried map ends as good as a fresh one and mixes the halves."""
    rng = np.random.default_rng(0)
    target = np.arange(200) % 2 == 1
    shift = rng.normal(size=64)
    shift *= 35 / np.linalg.norm(shift)
    projection = TSNE(perplexity=15)
    for frame in range(45):
        x = X[:200] + np.outer(target * 0.9**frame, shift)
        xy = projection(x)
    assert (
        trustworthiness(x, xy, n_neighbors=10)
        > trustworthiness(x, TSNE(perplexity=15)(x), n_neighbors=10) - 0.01
    )


def test_three_thousand_duplicates_stay_finite() -> None:
    x = torch.tensor(X[:3]).repeat(1000, 1)
    p = joint_probabilities(squared_distances(x), 30.0, compiled_loops(x))
    assert p.isfinite().all()
    assert float(p.sum()) == pytest.approx(1, abs=1e-3)
    y = (x - x.mean(0))[:, :2] * 50
    for _ in range(2):
        y = y - 750 * tsne_gradient(y, p)
    assert y.isfinite().all()
