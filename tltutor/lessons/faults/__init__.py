"""Mistakes that run: objectives (or maps) with a switch between broken and right code."""

from __future__ import annotations

import importlib
from typing import Any

from tltutor.settings import check_name

FAULTS = {  # id -> module:class; its methods `broken` and `right` are the code that runs and is shown
    "joint-minimum": "joint_minimum:JointMinimum",
    "target-labels": "target_labels:TargetLabels",
    "nothing-trains": "nothing_trains:NothingTrains",
    "moving-batchnorm": "moving_batchnorm:MovingBatchNorm",
    "separate-pca": "separate_pca:SeparatePCA",
    "linear-kernel": "linear_kernel:LinearKernel",
    "logits-as-probabilities": "logits_as_probabilities:LogitsAsProbabilities",
}


def find_fault(name: str) -> type[Any]:
    """Return the class of this fault."""
    module, _, cls = FAULTS[check_name(name, FAULTS, what="fault")].partition(":")
    found: type[Any] = getattr(importlib.import_module(f"tltutor.lessons.faults.{module}"), cls)
    return found
