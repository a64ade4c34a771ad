"""What run it is, as a record that builds it again and again, and as a short string that says it to somebody else."""

from __future__ import annotations

from tltutor.experiment.experiment import Experiment
from tltutor.experiment.links import link, opened

__all__ = ["Experiment", "link", "opened"]
