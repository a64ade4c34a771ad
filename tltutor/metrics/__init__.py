"""Metrics: of features, predictions and labels; scores that choose a model or a source are in `judges` and `transferability`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tltutor.metrics.a_distance import proxy_a_distance, proxy_a_distance_permutation_band
from tltutor.metrics.accuracy import accuracy, balanced_accuracy
from tltutor.metrics.answers import point_confidence, point_losses
from tltutor.metrics.before_after import MEASURES, Comparison, compare, side_by_side
from tltutor.metrics.calibration import Reliability, calibration_error, reliability_curve
from tltutor.metrics.confusion import confusion_matrix
from tltutor.metrics.f1 import f1, precision, recall
from tltutor.metrics.joint_error import joint_error
from tltutor.metrics.knn import knn_label_agreement
from tltutor.metrics.look import feature_numbers
from tltutor.metrics.mmd_band import Tested, mmd2_permutation_band, mmd2_permutation_test
from tltutor.metrics.neighbors import distances_from, nearest_mean, nearest_source
from tltutor.metrics.probe import (
    Probed,
    domain_probe,
    domain_probe_accuracy,
    domain_scores,
    probe_folds,
)
from tltutor.metrics.ranking import average_precision, roc_auc
from tltutor.metrics.resampling import Estimate, bootstrap, estimate
from tltutor.metrics.separation import channel_means, domain_separation
from tltutor.metrics.trust import faint_points, point_trust

if TYPE_CHECKING:
    from tltutor.metrics import judges as judges
    from tltutor.metrics import transferability as transferability

__all__ = [
    "MEASURES",
    "Comparison",
    "Estimate",
    "Probed",
    "Reliability",
    "Tested",
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "bootstrap",
    "calibration_error",
    "channel_means",
    "compare",
    "confusion_matrix",
    "distances_from",
    "domain_probe",
    "domain_probe_accuracy",
    "domain_scores",
    "domain_separation",
    "estimate",
    "f1",
    "faint_points",
    "feature_numbers",
    "joint_error",
    "judges",
    "knn_label_agreement",
    "mmd2_permutation_band",
    "mmd2_permutation_test",
    "nearest_mean",
    "nearest_source",
    "point_confidence",
    "point_losses",
    "point_trust",
    "precision",
    "probe_folds",
    "proxy_a_distance",
    "proxy_a_distance_permutation_band",
    "recall",
    "reliability_curve",
    "roc_auc",
    "side_by_side",
    "transferability",
]


def __getattr__(name: str) -> Any:
    """Import the rooms of judges and of transferability when they are first used."""
    if name in ("judges", "transferability"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
