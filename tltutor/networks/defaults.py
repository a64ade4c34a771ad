"""Where training begins with a network, unless a run says otherwise; it knows neither networks nor sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Defaults:
    """What a session takes for `freeze_depth`, `lr` and the update rule where neither it nor an experiment is given them.

    trunk_frozen: True if all stages begin frozen, so that the head alone trains. lr: the learning rate; None for the
    session's own (`tltutor.training.options.LR`). stages: share of the learning rate at which the stages learn, where the head
    has all of it. The others: see `tltutor.training.options`.
    """

    trunk_frozen: bool = False
    lr: float | None = None
    stages: float = 1.0
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    schedule: Literal["dann", "constant", "cosine", "linear"] = "dann"
    warmup: float = 0.0
    gradient_clip: float = 0.0


FROM_SCRATCH = Defaults()
