"""The leash: a point moves on the map as far as its own features changed, unless the map must find another arrangement."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tltutor.projections import build_projection
from tltutor.projections.descent import Moving
from tltutor.projections.leash import FLOOR, GIVE, PULL, SHARPNESS, Leash, spread


def points(n: int = 40, d: int = 5, seed: int = 0) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=(n, d)), dtype=torch.float32)


def test_spread_is_the_root_mean_square_distance_from_the_mean() -> None:
    x = points()
    rows = x.double().numpy()
    wanted = np.sqrt(np.mean([np.sum((row - rows.mean(0)) ** 2) for row in rows]))
    assert float(spread(x)) == pytest.approx(wanted, rel=1e-6)


def test_the_reach_is_the_points_own_share_of_the_change() -> None:
    """Written out, point by point."""
    before, y = points(), points(d=2, seed=1)
    x = before + torch.linspace(0, 1, 40)[:, None] * points(seed=2)
    leash = Leash.between(before, x, y)
    assert leash is not None
    changed = [float((x[i] - before[i]).double().norm()) for i in range(40)]
    mean = sum(changed) / 40
    for i in range(40):
        share = max(changed[i] / mean, FLOOR) ** SHARPNESS
        wanted = GIVE * float(spread(y)) * mean / float(spread(x)) * share
        assert float(leash.reach[i]) == pytest.approx(wanted, rel=1e-4)
    assert torch.equal(leash.anchor, y)


@pytest.mark.parametrize("unit", [1e-30, 1e-3, 1e30])
def test_the_features_unit_changes_no_reach(unit: float) -> None:
    before, y = points(), points(d=2, seed=1)
    x = before + 0.1 * points(seed=2)
    plain, scaled = Leash.between(before, x, y), Leash.between(before * unit, x * unit, y)
    assert plain is not None
    assert scaled is not None
    torch.testing.assert_close(plain.reach, scaled.reach)


def test_nothing_is_held_where_nothing_changed_or_another_network_came() -> None:
    x, y = points(), points(d=2)
    assert Leash.between(x, x.clone(), y) is None
    assert Leash.between(points(d=7), x, y) is None
    assert Leash.between(x, x + 1, torch.zeros(40, 2)) is None


def test_what_is_out_of_reach_is_pulled_back_and_slowed_what_is_within_is_left() -> None:
    leash = Leash(torch.zeros(3, 2), torch.tensor([1.0, 1.0, 0.0]))
    y, velocity = torch.tensor([[3.0, 4.0], [0.3, 0.4], [5.0, 0.0]]), torch.ones(3, 2)
    pulled = leash.pull(Moving(y, velocity, torch.ones(3, 2)))
    torch.testing.assert_close(pulled.y, torch.tensor([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]]))
    torch.testing.assert_close(pulled.velocity[:, 0], torch.tensor([0.2, 1.0, 0.0]))
    assert pulled.y.T.is_contiguous()


def test_it_gives_way_where_points_want_to_go_far_beyond_it() -> None:
    leash = Leash(torch.zeros(4, 2), torch.ones(4))
    away = torch.zeros(4, 2)
    for share, gives in ((0.99, False), (1.01, True)):
        away[:, 0] = share * PULL
        assert leash.gives_way(away) is gives


@pytest.mark.parametrize("name", ["tsne", "umap"])
def test_a_map_on_a_leash_keeps_within_its_reach(name: str) -> None:
    rng = np.random.default_rng(0)
    centers = 4 * rng.normal(size=(5, 16))
    x = (centers[np.arange(150) % 5] + rng.normal(size=(150, 16))).astype(np.float32)
    own = np.where(np.arange(150) < 30, 1.0, 0.2)[
        :, None
    ]  # thirty points change, the others little
    later = (x + own * rng.normal(size=x.shape)).astype(np.float32)
    projection = build_projection(name)
    before = torch.tensor(np.array(projection(x)))
    leash = Leash.between(torch.tensor(x), torch.tensor(later), before)
    assert leash is not None
    after = projection(later, budgeted=True)
    for _ in range(6):
        after = projection(budgeted=True)
    moved = np.linalg.norm(after - before.numpy(), axis=1)
    drift = 1e-3 * float(before.std())  # the map is centered after each frame
    assert (moved <= leash.reach.numpy() + 20 * drift).all()
    assert moved[:30].mean() > 1.5 * moved[30:].mean()
    assert projection._layout._leash is not None


@pytest.mark.parametrize("name", ["tsne", "umap"])
def test_a_setting_of_the_map_moves_it_freely(name: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 8)).astype(np.float32)
    projection = build_projection(name)
    projection(x)
    projection((x + 0.01 * rng.normal(size=x.shape)).astype(np.float32))
    same = (x + 0.02 * rng.normal(size=x.shape)).astype(np.float32)
    projection(same)
    setattr(projection, {"tsne": "perplexity", "umap": "n_neighbors"}[name], 5)
    projection(same)
    assert projection._layout._leash is None
