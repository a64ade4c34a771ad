"""Transferability: how well will a source or a pretrained model serve a target task, before anything is trained? One file each.

Every score returns a number of which more is better. They look at labeled target examples, unlike the label-free judges:
use the few whose labels may be used. They can be useless or reversed, so model size stands among them as a baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tltutor.metrics.score import Score, scored, scores_of
from tltutor.metrics.transferability.h_score import h_score as h_score
from tltutor.metrics.transferability.leep import leep as leep
from tltutor.metrics.transferability.logme import logme as logme
from tltutor.metrics.transferability.nce import nce as nce
from tltutor.metrics.transferability.otdd import otdd as otdd
from tltutor.metrics.transferability.size import log_size as log_size

TRANSFERABILITY: dict[str, Score] = scores_of(__name__, __path__)


def transferability(evidence: Mapping[str, Any], *names: str) -> dict[str, float]:
    """Return the scores of these names, by default all that the evidence is enough for; higher is better.

    evidence, by name: target_features (n, d) by the pretrained model and target_labels (n,), source_class_probabilities
    (n, z) that its own head gives the target examples, parameters, and what else a score's `needs` lists.
    """
    return scored(TRANSFERABILITY, evidence, names)
