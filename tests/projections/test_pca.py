"""The fixed linear views against scikit-learn: axes of the first look, a fixed sign, and target labels that change nothing."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn import decomposition
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tltutor.projections import PCA, Discriminant
from tltutor.projections.discriminant import discriminant_axes
from tltutor.projections.pca import principal_axes

DIGITS = load_digits()
X = DIGITS.data[:200].astype(np.float32)
Y = DIGITS.target[:200]
T = np.arange(200) % 2 == 1


@pytest.mark.parametrize("n", [200, 20])  # more points than dimensions, and fewer
def test_pca_is_scikit_learns_up_to_sign(n: int) -> None:
    ours, theirs = (
        PCA()(X[:n]),
        decomposition.PCA(2, svd_solver="full").fit_transform(X[:n].astype(np.float64)),
    )
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-3)
    axes = principal_axes(torch.tensor(X[:n]))
    assert (axes.gather(0, axes.abs().argmax(0, keepdim=True)) > 0).all()
    torch.testing.assert_close(axes.T @ axes, torch.eye(2, dtype=torch.float64))


def test_axes_and_center_are_those_of_the_first_look() -> None:
    view = PCA()
    first = view(X)
    shift = np.zeros_like(X)
    shift[T] = 2.0
    second = view(X + shift)
    np.testing.assert_array_equal(
        first[~T], second[~T]
    )  # what stays in the features stays on the map
    axes = principal_axes(torch.tensor(X)).numpy()
    np.testing.assert_allclose(
        second[T] - first[T], np.broadcast_to(2 * axes.sum(0), (100, 2)), atol=1e-4
    )
    np.testing.assert_array_equal(view(X), first)


def test_features_of_another_width_take_new_axes() -> None:
    view = PCA()
    view(X)
    np.testing.assert_array_equal(view(X[:, :30]), PCA()(X[:, :30]))


def test_one_direction_of_variance_leaves_the_second_axis_empty() -> None:
    line = np.outer(np.arange(5.0), [3.0, 4.0, 0.0])
    np.testing.assert_allclose(
        PCA()(line), np.stack([5 * (np.arange(5) - 2), np.zeros(5)], 1), atol=1e-5
    )


def test_discriminant_axes_are_fishers() -> None:
    """Parallel to scikit-learn's eigen solution with the same regularization: W + r I there is shrinkage of W."""
    x, y = X[:, [2, 5, 10, 20, 28, 36, 42]], np.minimum(Y, 3)
    ours = discriminant_axes(torch.tensor(x), torch.tensor(y), 2, ridge=1e-9)
    theirs = (
        LinearDiscriminantAnalysis(solver="eigen").fit(x.astype(np.float64), y).scalings_[:, :2]
    )
    cosines = (ours.numpy() * theirs / np.linalg.norm(theirs, axis=0)).sum(0)
    np.testing.assert_allclose(np.abs(cosines), 1, atol=1e-6)
    assert (
        discriminant_axes(torch.tensor(x), torch.tensor(y % 2), 2)[:, 1] == 0
    ).all()  # two groups: one direction


def test_first_axis_separates_the_domains_and_the_second_the_source_classes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 8))
    x[T, 0] += 6
    x[:, 1] += 6 * (Y >= 5)
    xy = Discriminant()(x, labels=(Y >= 5).astype(int), is_target=T)
    axes = [np.corrcoef(xy[:, k], x[:, k])[0, 1] for k in (0, 1)]
    assert np.abs(axes).min() > 0.95
    without = Discriminant()(x, is_target=T)
    np.testing.assert_array_equal(without[:, 0], xy[:, 0])


def test_target_labels_are_never_used() -> None:
    rng = np.random.default_rng(0)
    changed, hidden = Y.copy(), Y.copy()
    changed[T], hidden[T] = rng.permutation(Y[T]), -1
    for separate in ("domains", "classes"):
        views = [
            Discriminant(separate=separate)(X, labels=labels, is_target=T)
            for labels in (Y, changed, hidden)
        ]
        np.testing.assert_array_equal(views[0], views[1])
        np.testing.assert_array_equal(views[0], views[2])


def test_a_change_of_what_is_separated_takes_new_axes_at_once() -> None:
    view = Discriminant()
    domains = view(X, labels=Y, is_target=T)
    np.testing.assert_array_equal(view(), domains)
    view.set("separate", "classes")
    np.testing.assert_array_equal(
        view(), Discriminant(separate="classes")(X, labels=Y, is_target=T)
    )
    np.testing.assert_array_equal(
        view(X + 1), view(X + 1, labels=Y[::-1], is_target=~T)
    )  # later labels move no axis


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="need is_target"):
        Discriminant()(X)
    with pytest.raises(ValueError, match="points of both domains"):
        Discriminant()(X, is_target=np.zeros(200, bool))
    with pytest.raises(ValueError, match="need labels"):
        Discriminant(separate="classes")(X, is_target=T)
    with pytest.raises(ValueError, match="2 classes in the source, got 0"):
        Discriminant(separate="classes")(X, labels=np.full(200, -1), is_target=T)
    with pytest.raises(ValueError, match=r"labels must have shape \(200,\)"):
        Discriminant(separate="classes")(X, labels=Y[:5], is_target=T)


def test_directions_without_variance_get_no_axis() -> None:
    line = torch.outer(torch.arange(5.0), torch.tensor([3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    for x in (line, line[:, :3]):  # more dimensions than points, and fewer
        assert (principal_axes(x)[:, 1] == 0).all()


def test_discriminant_axes_solve_the_regularized_eigenproblem() -> None:
    """B w = l (W + r I) w with r = 0.01 of W's mean diagonal, by scipy, in any unit."""
    x, y = X[:, :40].astype(np.float64), Y
    means = np.stack([x[y == c].mean(0) for c in range(10)])
    within = (x - means[y]).T @ (x - means[y])
    between = (means[y] - x.mean(0)).T @ (means[y] - x.mean(0))
    theirs = scipy.linalg.eigh(between, within + 0.01 * np.diag(within).mean() * np.eye(40))[1][
        :, :-3:-1
    ]
    for scale in (1e-6, 1.0, 1e6):
        ours = discriminant_axes(torch.tensor(scale * x), torch.tensor(y))
        cosines = (ours.numpy() * theirs / np.linalg.norm(theirs, axis=0)).sum(0)
        np.testing.assert_allclose(np.abs(cosines), 1, atol=1e-6)
