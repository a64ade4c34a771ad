"""Sums over pairs of points, tile by tile: the same numbers as at once."""

from __future__ import annotations

import torch

from tltutor.projections.distances import TILE, plus_transposed, squared_distances


def test_a_matrix_plus_its_transpose_is_the_same_by_tiles_and_at_once() -> None:
    for n in (1, 3, TILE - 1, TILE, TILE + 1, 2 * TILE + 7):
        a = torch.rand(n, n, dtype=torch.float64)
        wanted = a + a.T
        found = plus_transposed(a)
        assert found is a, "in its own memory"
        assert torch.equal(found, wanted), n


def test_distances_over_several_tiles_are_those_of_a_double_loop() -> None:
    x = torch.randn(TILE + 40, 5)
    d2 = squared_distances(x)
    assert torch.equal(d2, d2.T)
    assert not d2.diagonal().any()
    for i, j in ((0, TILE + 39), (TILE, TILE - 1), (TILE + 3, TILE + 4), (5, 9)):
        wanted = float((x[i].double() - x[j].double()).square().sum())
        assert abs(float(d2[i, j]) - wanted) < 1e-4 * wanted + 1e-9
