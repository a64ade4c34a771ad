"""Mistakes that run: each an objective (or a map) like any other, with one switch between the broken code and the right one."""

from __future__ import annotations

import importlib
from typing import Any

from tltutor.settings import check_name

FAULTS = {  # id -> module:class; a fault's methods `broken` and `right` are the code that is shown, and that runs
    "joint-minimum": "joint_minimum:JointMinimum",
    "target-labels": "target_labels:TargetLabels",
    "nothing-trains": "nothing_trains:NothingTrains",
    "moving-batchnorm": "moving_batchnorm:MovingBatchNorm",
    "separate-pca": "separate_pca:SeparatePCA",
    "linear-kernel": "linear_kernel:LinearKernel",
    "logits-as-probabilities": "logits_as_probabilities:LogitsAsProbabilities",
}


def find_fault(name: str) -> type[Any]:
    """The class of this fault."""
    module, _, cls = FAULTS[check_name(name, FAULTS, what="fault")].partition(":")
    found: type[Any] = getattr(importlib.import_module(f"tltutor.lessons.faults.{module}"), cls)
    return found
