"""Small networks that train in seconds on a laptop: `linear`, `mlp` and `lenet`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from tltutor.networks.batchnorm import DomainBatchNorm1d, DomainBatchNorm2d
from tltutor.networks.inputs import Inputs
from tltutor.networks.network import Body
from tltutor.settings import Setting


@dataclass(frozen=True)
class Each:
    """A setting with several values, e.g. channels=(32, 48)."""

    setting: Setting
    default: tuple[int, ...]

    @property
    def name(self) -> str:
        return self.setting.name

    def check(self, values: Any) -> tuple[int, ...]:
        """Return the values as whole numbers. Errors: ValueError or TypeError with rule, values and remedy."""
        count = len(self.default)
        if not isinstance(values, Sequence) or len(values) != count:
            raise ValueError(
                f"{self.name} must be {count} numbers, got {values!r}: for instance {self.default}"
            )
        return tuple(self.setting.check(value) for value in values)


WIDTH = Setting(
    "width", 100, 1, 4096, "int", unit="units", text="Units of each dense layer.", live=False
)
MLP_WIDTH = replace(WIDTH, default=64)
CHANNELS = Each(
    Setting("channels", 32, 1, 1024, "int", text="Outputs of each convolution.", live=False),
    (32, 48),
)
BATCHNORM = Setting(
    "batchnorm", True, scale="switch", text="BatchNorm after the layers.", live=False
)
FEATURES = Setting(
    "features",
    "fc2",
    scale="choice",
    choices=("conv2", "fc1", "fc2"),
    text="The stage whose output is aligned and mapped.",
    live=False,
)
MLP_BATCHNORM = replace(BATCHNORM, default=False)
SMALLEST_IMAGE = (
    16  # 16 -> 12 -> 6 -> 2 -> 1: a smaller image vanishes in two convolutions and two poolings
)


def linear(shape: Sequence[int]) -> Body:
    """No layer but the head: its features are the inputs, and its classes are separated by straight lines."""
    return Body({"inputs": nn.Flatten()}, math.prod(shape), Inputs(shape))


def mlp(shape: Sequence[int], *, width: int, batchnorm: bool) -> Body:
    """Two dense layers of `width` units with ReLU, for vectors or flattened images."""
    d = math.prod(shape)
    start: list[nn.Module] = [nn.Flatten()] if len(shape) > 1 else []
    stages = {
        "hidden1": nn.Sequential(*start, *_dense(d, width, batchnorm=batchnorm)),
        "hidden2": nn.Sequential(*_dense(width, width, batchnorm=batchnorm)),
    }
    return Body(stages, width, Inputs(shape))


def lenet(
    shape: Sequence[int], *, channels: tuple[int, int], width: int, batchnorm: bool, features: str
) -> Body:
    """The digits network of DANN (Ganin et al., 2016, figure 4a).

    Twice a 5x5 convolution with `channels` outputs, ReLU and 2x2 max pooling; then two dense layers of `width` units.
    batchnorm: after both convolutions and the first dense layer; the paper has none. features: the stage whose output the
    discriminator sees; conv2 in the paper. Errors: ValueError for images of less than 16 pixels.
    """
    c1, c2 = channels
    d = c2 * _left(shape[1], shape) * _left(shape[2], shape)
    stages = {
        "conv1": nn.Sequential(*_convolution(shape[0], c1, batchnorm=batchnorm)),
        "conv2": nn.Sequential(*_convolution(c1, c2, batchnorm=batchnorm)),
        "fc1": nn.Sequential(nn.Flatten(), *_dense(d, width, batchnorm=batchnorm)),
        "fc2": nn.Sequential(*_dense(width, width, batchnorm=False)),
    }
    return Body(
        stages, width, Inputs(shape), features=(features, d if features == "conv2" else width)
    )


def _left(side: int, shape: Sequence[int]) -> int:
    """Return the side in pixels after both convolutions (-4) and poolings (/2, rounded down)."""
    if side < SMALLEST_IMAGE:
        raise ValueError(
            f"images for lenet must be at least {SMALLEST_IMAGE} pixels high and wide, got {shape[1]} x {shape[2]}:"
            " load them larger, or use the network 'mlp'"
        )
    return ((side - 4) // 2 - 4) // 2


def _dense(d_in: int, d_out: int, *, batchnorm: bool) -> list[nn.Module]:
    norm = [DomainBatchNorm1d(d_out)] if batchnorm else []
    return [nn.Linear(d_in, d_out), *norm, nn.ReLU()]


def _convolution(c_in: int, c_out: int, *, batchnorm: bool) -> list[nn.Module]:
    norm = [DomainBatchNorm2d(c_out)] if batchnorm else []
    return [nn.Conv2d(c_in, c_out, kernel_size=5), *norm, nn.ReLU(), nn.MaxPool2d(2)]
