"""A small detector that trains in a minute on a laptop: four convolutions down to cells of 8 pixels, each of which looks for an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from tltutor.networks.batchnorm import DomainBatchNorm2d
from tltutor.networks.inputs import Inputs
from tltutor.networks.network import Body
from tltutor.networks.small import WIDTH
from tltutor.tasks.detection import Detection

CELL = 8  # pixels: three poolings by two
SMALLEST = 32  # pixels: an image of four cells a side
CHANNELS = replace(
    WIDTH, default=64, low=8, high=512, unit="", text="Channels of the last two convolutions."
)
DETECTION = Detection(CELL)


def tiny_detector(shape: Sequence[int], *, width: int) -> Body:
    """Four 3 x 3 convolutions with BatchNorm and ReLU, three of them with 2 x 2 max pooling; the head is FCOS's.

    Its features are the last map, flattened: (width, h / 8, w / 8). Errors: ValueError for images of less than 32 pixels.
    """
    channels, height, last = shape
    if min(height, last) < SMALLEST:
        raise ValueError(
            f"images for tiny-detector must be at least {SMALLEST} pixels high and wide, got {height} x {last}: load them larger"
        )
    widths = (channels, max(width // 4, 1), max(width // 2, 1), width, width)
    stages: dict[str, nn.Module] = {
        f"conv{i + 1}": nn.Sequential(*_convolution(widths[i], widths[i + 1], pooled=i < 3))
        for i in range(4)
    }
    cells = -(-height // CELL) * -(-last // CELL)
    return Body(stages, width, Inputs(shape), features=("conv4", width * cells))


def _convolution(c_in: int, c_out: int, *, pooled: bool) -> list[nn.Module]:
    pool = [nn.MaxPool2d(2, ceil_mode=True)] if pooled else []
    return [
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        DomainBatchNorm2d(c_out),
        nn.ReLU(),
        *pool,
    ]
