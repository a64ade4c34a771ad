"""What lesson 11 claims of second moments on clouds whose truth is known; of its boards, its claims.toml says it."""

from __future__ import annotations

import pytest
import torch
from boards import read_boards, trained
from measured import SEEDS

from tltutor.metrics import mmd2_permutation_band
from tltutor.objectives.coral import coral_distance

pytestmark = [pytest.mark.claims, pytest.mark.slow]

BOARDS = read_boards("11")


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["theirs"] == BOARDS["coral"] | {"weight": 1}
    assert BOARDS["coral"] == BOARDS["plain"] | {"objective": "coral", "weight": 1000}
    assert BOARDS["mine"] == BOARDS["coral"]
    assert BOARDS["equal"] == BOARDS["turned"] | {"objective": "coral", "weight": 1000}


@pytest.mark.parametrize("seed", SEEDS)
def test_on_the_rotated_blobs_the_distance_falls_a_thousandfold(seed: int) -> None:
    apart = {}
    for board in ("turned", "equal"):
        session = trained(BOARDS[board], seed)[2]
        sides = session.pair.source_test, session.pair.target_test
        fs, ft = (
            session.outputs(side.x, name)[0].cpu()
            for side, name in zip(sides, ("source", "target"), strict=True)
        )
        apart[board] = float(coral_distance(fs, ft))
    assert apart["equal"] < apart["turned"] / 1000


def clouds(seed: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The lesson's cloud and its targets."""
    rng = torch.Generator().manual_seed(seed)
    cloud, other = torch.randn(2, 400, 2, generator=rng)
    angle = 6.2832 * torch.rand(400, generator=rng)
    ring = 2**0.5 * torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(
        400, 2, generator=rng
    )
    return cloud, {
        "same": other,
        "stretched": other * torch.tensor([2.0, 0.5]),
        "moved": other + 3,
        "ring": ring,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_it_sees_the_stretched_cloud_alone(seed: int) -> None:
    cloud, targets = clouds(seed)
    seen = {name: float(coral_distance(cloud, xt)) for name, xt in targets.items()}
    assert seen["stretched"] > 0.2
    assert max(seen["same"], seen["moved"], seen["ring"]) < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_a_narrow_kernel_sees_all_three(seed: int) -> None:
    cloud, targets = clouds(seed)
    width = [0.3 * float(torch.pdist(torch.cat([cloud, targets["same"]])).median())]
    for name in ("stretched", "moved", "ring"):
        value, _, high = mmd2_permutation_band(cloud, targets[name], width)
        assert value > 2 * high, name
