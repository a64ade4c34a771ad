"""Where training begins with a network, unless a run says otherwise; it knows neither networks nor sessions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defaults:
    """What a session takes for `freeze_depth` and `lr` where neither it nor an experiment is given them.

    trunk_frozen: True if all stages begin frozen, so that the head alone trains. lr: the learning rate; None for the
    session's own (`tltutor.training.options.LR`).
    """

    trunk_frozen: bool = False
    lr: float | None = None


FROM_SCRATCH = Defaults()
