"""What run it is: a record that builds it again, a short string that says it to somebody else, and the way to any of its steps."""

from __future__ import annotations

from tltutor.experiment.branching import Checkpoints, ReplayOptions, plan_until, session_at
from tltutor.experiment.experiment import Experiment
from tltutor.experiment.links import link, parse_link

__all__ = ["Checkpoints", "Experiment", "ReplayOptions", "link", "parse_link", "plan_until", "session_at"]
