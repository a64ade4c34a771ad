"""Two runs are seeds of one comparison only if they share all but the seed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tltutor.lab.twins import Twins


def lab(method: str, score: float, seed: int = 0, **other: Any) -> Any:
    """A finished lab of this method, which reached this target accuracy."""
    about = {"pair": "moons", "network": "mlp", "steps": 9, "weight": 1.0, "pretrain": None} | other
    objective, pair, network = (SimpleNamespace(name=n) for n in (method, about["pair"], about["network"]))  # fmt: skip
    return SimpleNamespace(
        session=SimpleNamespace(
            objective=objective, pair=pair, network=network, steps=about["steps"], step_number=9,
            done=True, values={"weight": about["weight"]},
        ),
        experiment=SimpleNamespace(
            seed=seed, pretrain=about["pretrain"], pair_options={}, network_options={}, session_options={},
        ),
        recording=SimpleNamespace(frames=[SimpleNamespace(step=9, numbers={"target_accuracy": score})]),
    )  # fmt: skip


def test_the_gain_is_over_the_seeds_seen() -> None:
    twins = Twins()
    for seed, gained in enumerate((0.1, 0.2, 0.3)):
        gain = twins.see(lab("source-only", 0.5, seed), lab("mmd", 0.5 + gained, seed))
    assert gain is not None
    assert gain.seeds == (0, 1, 2)
    assert gain.mean == pytest.approx(0.2)


@pytest.mark.parametrize(
    "other",
    [{"pair": "blobs"}, {"network": "linear"}, {"steps": 8}, {"weight": 0.3}, {"pretrain": 5}],
)
def test_another_setting_is_another_comparison(other: dict[str, Any]) -> None:
    twins = Twins()
    twins.see(lab("source-only", 0.5, 0), lab("mmd", 0.7, 0))
    gain = twins.see(lab("source-only", 0.5, 1, **other), lab("mmd", 0.6, 1, **other))
    assert gain is not None
    assert gain.seeds == (1,)
