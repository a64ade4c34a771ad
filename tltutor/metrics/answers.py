"""The network's answer for each point: how confident it is, and how much it loses by it."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from tltutor.projections.checks import Array, as_features, as_labels


def point_confidence(logits: Array) -> np.ndarray:
    """Return the largest probability max softmax(z_i) of each row of logits (n, k): (n,) float32, 1/k..1."""
    return as_features(logits, "logits").softmax(1).amax(1).float().cpu().numpy()


def point_losses(logits: Array, labels: Array) -> np.ndarray:
    """Return the cross-entropy -log softmax(z_i)[y_i] of each point: (n,) float32 in nats, NaN for a point without a label.

    logits (n, k), labels (n,) with -1 for none. A target point's loss only judges: no label of it trains.
    Raises ValueError for a label beyond the logits.
    """
    z = as_features(logits, "logits").cpu()
    y = as_labels(labels, len(z))
    if int(y.max()) >= z.shape[1]:
        raise ValueError(
            f"labels must be below the {z.shape[1]} classes of the logits, got {int(y.max())}: pass one column a class"
        )
    losses = F.cross_entropy(z, y.clamp_min(0), reduction="none")
    return torch.where(y >= 0, losses, torch.nan).float().numpy()
