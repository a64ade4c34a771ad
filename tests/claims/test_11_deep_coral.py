"""What lesson 11 claims of second moments: on its own boards, trained anew, and on clouds whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from boards import read_boards, trained
from measured import SEEDS, tell

from tltutor.metrics import mmd2_permutation_band
from tltutor.objectives.coral import coral_distance

pytestmark = pytest.mark.claims

BOARDS = read_boards("11_deep_coral.ipynb")


def numbers(board: str, name: str, **other: Any) -> list[float]:
    """A number of the last look, seed by seed."""
    return [trained(BOARDS[board], seed, **other)[0][name] for seed in SEEDS]


def test_the_boards_differ_in_one_thing() -> None:
    assert BOARDS["theirs"] == BOARDS["coral"] | {"name": "theirs", "weight": 1}
    assert BOARDS["plain"] == {n: v for n, v in BOARDS["coral"].items() if n != "weight"} | {
        "name": "plain",
        "objective": "source-only",
    }


def test_equal_covariances_gain_on_every_seed_and_the_classes_come_along() -> None:
    for name in ("target_accuracy", "knn_label_agreement"):
        gain = np.subtract(numbers("coral", name), numbers("plain", name))
        tell(f"gain in {name}", gain.tolist())
        assert min(gain) > 0.08


def test_with_a_weight_of_one_it_gains_much_less_and_its_distance_does_not_fall() -> None:
    behind = np.subtract(numbers("coral", "target_accuracy"), numbers("theirs", "target_accuracy"))
    tell("theirs behind", behind.tolist())
    assert min(behind) > 0.08
    distance = [
        [trained(BOARDS[board], seed)[1]["coral"] / BOARDS[board]["weight"] for seed in SEEDS]
        for board in ("theirs", "coral")
    ]
    tell("the distance with λ = 1, in those with 1000", np.divide(*distance).tolist())
    assert min(np.divide(*distance)) > 10
    assert min(numbers("theirs", "domain_probe_accuracy")) > 0.6


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
