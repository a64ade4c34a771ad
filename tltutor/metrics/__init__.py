"""Metrics: measured in feature space and on predictions, the distances with the band that chance alone would give."""

from __future__ import annotations

from tltutor.metrics.a_distance import proxy_a_distance, proxy_a_distance_permutation_band
from tltutor.metrics.accuracy import accuracy
from tltutor.metrics.answers import point_confidence, point_losses
from tltutor.metrics.knn import knn_label_agreement
from tltutor.metrics.look import feature_numbers
from tltutor.metrics.mmd_band import mmd2_permutation_band
from tltutor.metrics.neighbors import distances_from, nearest_mean, nearest_source
from tltutor.metrics.probe import Probed, domain_probe, domain_probe_accuracy, probe_folds
from tltutor.metrics.separation import channel_means, domain_separation
from tltutor.metrics.trust import faint_points, point_trust

__all__ = [
    "Probed",
    "accuracy",
    "channel_means",
    "distances_from",
    "domain_probe",
    "domain_probe_accuracy",
    "domain_separation",
    "faint_points",
    "feature_numbers",
    "knn_label_agreement",
    "mmd2_permutation_band",
    "nearest_mean",
    "nearest_source",
    "point_confidence",
    "point_losses",
    "point_trust",
    "probe_folds",
    "proxy_a_distance",
    "proxy_a_distance_permutation_band",
]
