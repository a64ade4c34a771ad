"""Describe an experiment so that it can be rebuilt, shared as a link, and replayed to any step."""

from __future__ import annotations

from tltutor.experiment.branching import Checkpoints, ReplayOptions, plan_until, session_at
from tltutor.experiment.experiment import Experiment
from tltutor.experiment.links import link, parse_link

__all__ = [
    "Checkpoints",
    "Experiment",
    "ReplayOptions",
    "link",
    "parse_link",
    "plan_until",
    "session_at",
]
