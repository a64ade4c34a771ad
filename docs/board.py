"""The board of the README's picture and of the start page: lesson 01's pair, with fewer steps and points; a grid of recorded runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tltutor as tl

BUILD = Path(__file__).parents[1] / "build"
FRAMES = 45
OPTIONS: dict[str, Any] = {
    "pair_options": {"rotation": 30, "size": 20},
    "network_options": {"channels": [16, 32]},
    "steps": 900,
    "batch_size": 32,
    "lr": 0.02,
    "snapshot_size": 200,
}


def publish(name: str, weights: Sequence[float], seeds: int) -> Path:
    """Record the runs of this grid that are missing, and write them as the page build/NAME; return its path."""
    BUILD.mkdir(exist_ok=True)
    return tl.publish(
        "digits->shifted-digits",
        "dann",
        BUILD / name,
        grid={"weight": list(weights)},
        seeds=seeds,
        frames=FRAMES,
        title="Upright digits have labels, rotated ones have none: what does λ do?",
        runs=BUILD / "board.runs",
        **OPTIONS,
    )
