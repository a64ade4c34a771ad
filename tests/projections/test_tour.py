"""The linear tour: a basis that stays orthonormal whatever is done to it, axes that go where they are put, and stillness at speed 0."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from tltutor.projections import PCA
from tltutor.projections.tour import REACH, Tour, dragged, rotated

X = load_digits().data[:200].astype(np.float32)


def orthonormal(basis: torch.Tensor) -> bool:
    return torch.allclose(basis @ basis.T, torch.eye(len(basis), dtype=basis.dtype), atol=1e-9)


def some_basis(k: int, seed: int = 0) -> torch.Tensor:
    return torch.linalg.qr(
        torch.randn(k, k, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    )[0]


def test_starts_as_the_pca_and_stands_still() -> None:
    tour = Tour()
    first = tour(X)
    np.testing.assert_allclose(first, PCA()(X), atol=1e-3)
    np.testing.assert_array_equal(tour(), first)
    np.testing.assert_array_equal(tour(X), first)
    assert not tour.moves


def test_turns_while_it_has_a_speed() -> None:
    tour = Tour(speed=0.05)
    assert tour.moves
    first = tour(X)
    second = tour()
    assert 1e-3 < np.linalg.norm(second - first, axis=1).max() / first.std() < 0.5
    tour.set("speed", 0.0)
    assert not tour.moves
    np.testing.assert_array_equal(tour(), second)


def test_a_thousand_turns_and_drags_leave_the_basis_orthonormal() -> None:
    tour, rng = Tour(speed=0.2), np.random.default_rng(0)
    tour(X)
    for _ in range(1000):
        tour()
        tour.drag(int(rng.integers(6)), *rng.normal(size=2) * 30)
    assert orthonormal(tour._basis)


def test_a_turn_is_the_product_of_plane_rotations() -> None:
    """Against scipy's matrix exponential of each plane's generator."""
    from scipy.linalg import expm

    expected, primes = some_basis(4).numpy(), iter((2, 3, 5, 7))
    for j in (2, 3):
        for i in (0, 1):
            generator = np.zeros((4, 4))
            generator[i, j], generator[j, i] = -1, 1
            expected = expected @ expm(generator * 0.3 * math.sqrt(next(primes)) / 5)
    np.testing.assert_allclose(rotated(some_basis(4), 0.3), expected, atol=1e-12)
    assert torch.equal(rotated(some_basis(2), 0.3), some_basis(2))  # a plane has nothing beyond it


def test_the_tour_comes_near_every_view() -> None:
    """Each axis of four lies almost in the plane, and almost across it, at some time."""
    basis, lengths = torch.eye(4, dtype=torch.float64), []
    for _ in range(3000):
        basis = rotated(basis, 0.2)
        lengths.append(basis[:, :2].norm(dim=1))
    seen = torch.stack(lengths)
    assert (seen.amax(0) > 0.97).all()
    assert (seen.amin(0) < 0.15).all()


@pytest.mark.parametrize("axis", [0, 3])
@pytest.mark.parametrize("place", [(0.3, -0.4), (0.0, 0.0), (0.6, 0.8)])
def test_a_dragged_axis_goes_where_it_was_put(axis: int, place: tuple[float, float]) -> None:
    for basis in (some_basis(5), torch.eye(5, dtype=torch.float64)):
        after = dragged(basis, axis, *place)
        np.testing.assert_allclose(after[axis, :2], place, atol=1e-9)
        assert orthonormal(after)


def test_no_tip_is_farther_out_than_one() -> None:
    after = dragged(some_basis(5), 1, 30.0, -40.0)
    np.testing.assert_allclose(after[1, :2], (0.6, -0.8), atol=1e-9)
    flat = dragged(
        torch.eye(2, dtype=torch.float64), 0, 0.3, 0.4
    )  # two axes only: the tip stays on the circle
    np.testing.assert_allclose(flat[0], (0.6, 0.8), atol=1e-9)
    assert orthonormal(dragged(flat, 1, 0.0, 0.0))


def test_an_axis_put_where_it_is_changes_nothing() -> None:
    basis = some_basis(5)
    torch.testing.assert_close(dragged(basis, 2, float(basis[2, 0]), float(basis[2, 1])), basis)


def test_axes_are_drawn_in_the_maps_units_and_move_the_points() -> None:
    tour = Tour()
    assert tour.axes is None
    first = tour(X)
    assert tour.axes is not None
    assert tour.axes.dtype == np.float32
    reach = REACH * first[:, 0].std(ddof=1)
    np.testing.assert_allclose(tour.axes, [(reach, 0), (0, reach), *[(0, 0)] * 4], atol=1e-3)
    tour.drag(2, 0.0, reach)
    np.testing.assert_allclose(tour.axes[2], (0, reach), atol=1e-3)
    third = (X - X.mean(0)) @ tour._frame.numpy()[:, 2]
    np.testing.assert_allclose(tour()[:, 1], third, atol=1e-3)


def test_bad_drags_are_said() -> None:
    tour = Tour()
    with pytest.raises(ValueError, match="call the projection with features first"):
        tour.drag(0, 0.0, 0.0)
    tour(X)
    for axis, x in ((6, 0.0), (-1, 0.0), (0, math.nan)):
        with pytest.raises(ValueError, match="axis between 0 and 5 and finite x and y"):
            tour.drag(axis, x, 0.0)
