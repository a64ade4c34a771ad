"""The metrics: what is measured in feature space and on predictions, each with the band that chance alone would give."""

from __future__ import annotations

from tltutor.metrics.a_distance import proxy_a_distance, proxy_a_distance_null_band
from tltutor.metrics.accuracy import accuracy
from tltutor.metrics.look import feature_numbers
from tltutor.metrics.mmd_null import mmd2_null_band
from tltutor.metrics.neighbours import neighbour_agreement
from tltutor.metrics.probe import Probed, domain_probe, domain_probe_accuracy

__all__ = [
    "Probed",
    "accuracy",
    "domain_probe",
    "domain_probe_accuracy",
    "feature_numbers",
    "mmd2_null_band",
    "neighbour_agreement",
    "proxy_a_distance",
    "proxy_a_distance_null_band",
]
