"""What each stage makes of one example, as a few small images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

CHANNELS = 8  # images of a stage
SIDE = 16  # pixels of an image's side at most
UNITS = CHANNELS * SIDE  # of a stage whose output is a vector


@dataclass(frozen=True, eq=False)
class Activation:
    """One stage's output for one example.

    images: (k, h, w) uint8, k <= 8 channels of at most 16 x 16 pixels, the most active first; a vector is one row (1, 1, d)
    of d <= 128 units in their order. channels: (k,) or (d,), the number of each channel or unit in the stage's output.
    White is the largest value shown; black is 0, or the smallest value shown if that is below 0.
    """

    stage: str
    channels: np.ndarray
    images: np.ndarray


def activation_of(stage: str, h: Tensor) -> Activation:
    """Return a stage's output h for one example, (d,) or (c, ...), as small images: the channels of the largest mean |h|.

    Larger maps are averaged over patches; maps with one axis, such as sequences (c, l), become rows, with more than two they
    are flattened to two.
    """
    h = h.float()
    if h.ndim == 1:
        units = h.abs().topk(min(UNITS, len(h))).indices.sort().values
        return Activation(stage, units.cpu().numpy(), _as_bytes(h[units][None, None]))
    maps = h[:, None] if h.ndim == 2 else h.flatten(2)
    channels = maps.abs().mean((1, 2)).topk(min(CHANNELS, len(maps))).indices
    _, h_, w_ = maps.shape
    images = F.adaptive_avg_pool2d(maps[channels], (min(SIDE, h_), min(SIDE, w_)))
    return Activation(stage, channels.cpu().numpy(), _as_bytes(images))


def _as_bytes(images: Tensor) -> np.ndarray:
    """Return the images with their common range, 0 included, as 0..255."""
    low, high = images.amin().clamp_max(0), images.amax().clamp_min(0)
    span = (high - low).clamp_min(torch.finfo(torch.float32).tiny)
    scaled: Tensor = (images - low) / span * 255
    return scaled.round().to(torch.uint8).cpu().numpy()
