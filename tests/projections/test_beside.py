"""Points beside a layout of some of them: by the one that is nearest in feature space, distinct, and on the same leash."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tltutor.projections import build_projection, layout, projection_names
from tltutor.projections.beside import AROUND, Beside, nearest_rows
from tltutor.projections.leash import Leash

N, M = 60, 15


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(N, 4, generator=torch.Generator().manual_seed(0))


def test_the_nearest_are_those_of_a_double_loop_also_far_from_zero_and_at_any_size(
    x: torch.Tensor,
) -> None:
    for points in (x, 1e5 + x, 1e30 * x, 1e-30 * x):
        laid = points[::4]
        wanted = [
            int(np.argmin([float((a.double() - b.double()).norm()) for b in laid])) for a in points
        ]
        assert nearest_rows(points, laid).tolist() == wanted


def test_each_point_stands_by_the_nearest_one_and_those_that_are_laid_out_where_they_are(
    x: torch.Tensor,
) -> None:
    beside = Beside(N, M)
    laid = beside.look(x)
    assert (len(beside.rows), int(beside.rows[0]), int(beside.rows[-1])) == (M, 0, N - 1)
    assert torch.equal(laid, x[beside.rows])
    y = torch.randn(M, 2, generator=torch.Generator().manual_seed(1))
    places = beside.places(y, held=False)
    assert torch.equal(places[beside.rows], y)
    away = (places - y[nearest_rows(x, laid)]).norm(dim=1)
    assert float(away.max()) <= AROUND * float(y.std())
    assert len(torch.unique(places, dim=0)) == N


def test_as_many_of_each_domain_are_laid_out_as_there_are_points_of_it() -> None:
    """The rows of a look are the source's, then the target's."""
    is_target = torch.arange(5000) >= 3000
    assert float(is_target[Beside(5000, 2000).rows].float().mean()) == pytest.approx(0.4, abs=1e-3)


def test_the_others_are_on_the_leash_of_the_whole_map(x: torch.Tensor) -> None:
    beside, y = Beside(N, M), torch.randn(M, 2, generator=torch.Generator().manual_seed(1))
    beside.look(x)
    before = beside.places(y, held=True)
    after = x + 0.01 * torch.randn(N, 4, generator=torch.Generator().manual_seed(2))
    beside.look(after)
    leash = Leash.between(x, after, before)
    assert leash is not None
    turned = y.roll(1, 0)
    held = beside.places(turned, held=True)
    others = torch.ones(N, dtype=torch.bool).index_fill(0, beside.rows, False)
    went = (held - before).norm(dim=1)
    assert bool((went <= leash.reach * (1 + 1e-4))[others].all())
    assert bool((went > 0)[others].all())
    assert torch.equal(held[beside.rows], turned)
    free = beside.places(turned, held=False)
    assert float((free - before).norm(dim=1)[others].mean()) > 5 * float(went[others].mean())


@pytest.mark.parametrize("name", projection_names())
def test_a_projection_says_how_many_points_it_lays_out(
    name: str, x: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    projection = build_projection(name)
    assert projection.laid_out(layout.MANY) == layout.MANY
    few = layout.MANY if name in ("tsne", "umap") else 5000
    assert projection.laid_out(5000) == few
