"""What run it is: a record that builds it again, a short string that says it to somebody else, and the way to any of its steps."""

from __future__ import annotations

from tltutor.experiment.branching import Checkpoints, Way, plan_until, session_at
from tltutor.experiment.experiment import Experiment
from tltutor.experiment.links import link, opened

__all__ = ["Checkpoints", "Experiment", "Way", "link", "opened", "plan_until", "session_at"]
