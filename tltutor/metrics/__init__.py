"""Metrics: measured in feature space and on predictions, the distances with the band that chance alone would give."""

from __future__ import annotations

from tltutor.metrics.a_distance import proxy_a_distance, proxy_a_distance_permutation_band
from tltutor.metrics.accuracy import accuracy
from tltutor.metrics.knn import knn_label_agreement
from tltutor.metrics.look import feature_numbers
from tltutor.metrics.mmd_band import mmd2_permutation_band
from tltutor.metrics.probe import Probed, domain_probe, domain_probe_accuracy

__all__ = [
    "Probed",
    "accuracy",
    "domain_probe",
    "domain_probe_accuracy",
    "feature_numbers",
    "knn_label_agreement",
    "mmd2_permutation_band",
    "proxy_a_distance",
    "proxy_a_distance_permutation_band",
]
