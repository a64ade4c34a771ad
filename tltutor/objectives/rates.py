"""Who learns how fast when a trained network goes on: rates stage by stage, and stages that thaw one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tltutor.settings import Setting

HEAD_RATE = Setting(
    "head_rate", 1.0, 0.01, 100.0, "log", text="Learning rate of the head over that of the last stage; 10 is common for a new head."
)
STAGE_RATE = Setting(
    "stage_rate", 1.0, 0.01, 1.0, "log", text="Learning rate of a stage over that of the next; 1 is alike for all, 1/2.6 ULMFiT's."
)
THAW = Setting(
    "thaw", 0.0, 0.0, 1.0, live=False, text="Share of the run over which the stages thaw, the last one first; 0 is no schedule."
)


def stage_rates(stages: Iterable[str], stage_rate: float, head_rate: float) -> dict[str, float]:
    """Multiples of the learning rate: 1 for the last stage, eta_(l-1) = stage_rate * eta_l before it, head_rate for "head".

    Howard & Ruder, 2018, section 3.2 (discriminative fine-tuning).
    """
    names = list(stages)
    return {name: stage_rate ** (len(names) - 1 - i) for i, name in enumerate(names)} | {"head": head_rate}


def thawed(progress: float, depth: int, share: float) -> int:
    """How many of `depth` stages are still frozen: all at first, so that the head learns alone, none once `share` is done.

    Howard & Ruder, 2018, section 3.3 (gradual unfreezing): one stage more after each equal part of the share.
    """
    if share == 0:
        return 0
    return max(depth - math.floor(depth * progress / share + 1e-9), 0)  # 1e-9: a part ends on its step, however 1/3 rounds
