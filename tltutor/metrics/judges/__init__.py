"""Label-free judges: how good is a model on a target without labels? One idea, one file; a new file here is found by itself.

Every judge returns a number of which more is better. All of them fail somewhere, as their `limits` say and
`tests/metrics/test_judges.py` shows: look at several, and at how they rank what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tltutor.metrics.judges.aggregation import aggregated as aggregated
from tltutor.metrics.judges.aggregation import aggregation_weights as aggregation_weights
from tltutor.metrics.judges.atc import atc_accuracy as atc_accuracy
from tltutor.metrics.judges.choice import choose as choose
from tltutor.metrics.judges.choice import is_collapsed as is_collapsed
from tltutor.metrics.judges.dev import dev_risk as dev_risk
from tltutor.metrics.judges.entropy import mean_entropy as mean_entropy
from tltutor.metrics.judges.importance import cross_weights as cross_weights
from tltutor.metrics.judges.importance import domain_weights as domain_weights
from tltutor.metrics.judges.information import mutual_information as mutual_information
from tltutor.metrics.judges.iwcv import iwcv_risk as iwcv_risk
from tltutor.metrics.judges.mixval import mixed_inputs as mixed_inputs
from tltutor.metrics.judges.mixval import mixval as mixval
from tltutor.metrics.judges.mixval import mixval_of as mixval_of
from tltutor.metrics.judges.reverse import reverse_validation as reverse_validation
from tltutor.metrics.judges.snd import soft_neighborhood_density as soft_neighborhood_density
from tltutor.metrics.judges.source_risk import source_risk as source_risk
from tltutor.metrics.score import Score, scored, scores_of

JUDGES: dict[str, Score] = scores_of(__name__, __path__)


def judge(evidence: Mapping[str, Any], *names: str) -> dict[str, float]:
    """Return what the judges of these names say, by default all that the evidence is enough for; higher is better.

    evidence, by name: source_probabilities (n, k) and source_labels (n,) of held-out source examples, target_probabilities
    (m, k), weights (n,) of the source examples (see `domain_weights`), and what else a judge's `needs` lists.
    """
    return scored(JUDGES, evidence, names)
