"""How fast each stage of a trained network learns: rates that differ from stage to stage, and gradual unfreezing."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tltutor.settings import Setting

HEAD_RATE = Setting(
    "head_rate",
    1.0,
    0.01,
    100.0,
    "log",
    text="Learning rate of the head, as a multiple of the last stage's; 10 is common for a new head.",
)
STAGE_RATE = Setting(
    "stage_rate",
    1.0,
    0.01,
    1.0,
    "log",
    text="Learning rate of a stage, as a multiple of the next stage's; 1 makes all equal, ULMFiT uses 1/2.6.",
)
THAW = Setting(
    "thaw",
    0.0,
    0.0,
    1.0,
    live=False,
    text="Share of the run over which the stages unfreeze, the last one first; 0 turns this off.",
)


def stage_rates(stages: Iterable[str], stage_rate: float, head_rate: float) -> dict[str, float]:
    """Return factors of the learning rate by stage: 1 for the last, stage_rate times the next one's before it.

    eta_(l-1) = stage_rate * eta_l; "head" gets head_rate. Howard & Ruder, 2018, section 3.2 (discriminative
    fine-tuning).
    """
    names = list(stages)
    return {name: stage_rate ** (len(names) - 1 - i) for i, name in enumerate(names)} | {
        "head": head_rate
    }


def frozen_stages(progress: float, depth: int, share: float) -> int:
    """Return how many of `depth` stages are frozen: all at first, none once `share` of the run is done.

    Each equal part of the share unfreezes one more stage, the last one first. Howard & Ruder, 2018, section 3.3
    (gradual unfreezing).
    """
    if share == 0:
        return 0
    return max(
        depth - math.floor(depth * progress / share + 1e-9), 0
    )  # 1e-9 makes up for rounding, as of 1/3
