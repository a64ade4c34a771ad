"""Two small networks that train in seconds on a laptop: `mlp` and `lenet`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from tltutor.networks.batchnorm import DomainBatchNorm1d, DomainBatchNorm2d
from tltutor.networks.inputs import Inputs
from tltutor.networks.network import Body

SMALLEST_IMAGE = 16  # 16 -> 12 -> 6 -> 2 -> 1: below this nothing is left after two 5x5 convolutions and two poolings


def mlp(shape: Sequence[int], *, width: int = 64, batchnorm: bool = False) -> Body:
    """Two fully connected layers of `width` units with ReLU, for vectors or for images read as vectors."""
    d = math.prod(shape)
    start: list[nn.Module] = [nn.Flatten()] if len(shape) > 1 else []
    stages = {
        "hidden1": nn.Sequential(*start, *_dense(d, width, batchnorm=batchnorm)),
        "hidden2": nn.Sequential(*_dense(width, width, batchnorm=batchnorm)),
    }
    return Body(stages, width, Inputs(shape))


def lenet(
    shape: Sequence[int], *, channels: Sequence[int] = (32, 48), width: int = 100, batchnorm: bool = True
) -> Body:
    """The digits network of DANN (Ganin et al., 2016, figure 4a), after LeCun et al., 1998.

    Convolution 5x5, ReLU, 2x2 max pooling, twice, with `channels` outputs; then two dense layers of `width` units with ReLU.
    batchnorm: after both convolutions and the first dense layer; the paper has none.
    """
    height, width_px = shape[1:]
    if min(height, width_px) < SMALLEST_IMAGE:
        raise ValueError(
            f"images for lenet must be at least {SMALLEST_IMAGE} x {SMALLEST_IMAGE} pixels, got {height} x {width_px}:"
            " load them larger, or use the network 'mlp'"
        )
    c1, c2 = channels
    d = c2 * _left(height) * _left(width_px)
    stages = {
        "conv1": nn.Sequential(*_convolution(shape[0], c1, batchnorm=batchnorm)),
        "conv2": nn.Sequential(*_convolution(c1, c2, batchnorm=batchnorm)),
        "fc1": nn.Sequential(nn.Flatten(), *_dense(d, width, batchnorm=batchnorm)),
        "fc2": nn.Sequential(*_dense(width, width, batchnorm=False)),
    }
    return Body(stages, width, Inputs(shape))


def _left(side: int) -> int:
    """Pixels that are left of `side` after both convolutions (-4) and poolings (/2, rounded down)."""
    return ((side - 4) // 2 - 4) // 2


def _dense(d_in: int, d_out: int, *, batchnorm: bool) -> list[nn.Module]:
    norm = [DomainBatchNorm1d(d_out)] if batchnorm else []
    return [nn.Linear(d_in, d_out), *norm, nn.ReLU()]


def _convolution(c_in: int, c_out: int, *, batchnorm: bool) -> list[nn.Module]:
    norm = [DomainBatchNorm2d(c_out)] if batchnorm else []
    return [nn.Conv2d(c_in, c_out, kernel_size=5), *norm, nn.ReLU(), nn.MaxPool2d(2)]
