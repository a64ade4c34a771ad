"""Other views of the images that a step trains on: mirrored, cut out, in other light. Held-out images and the map's stay as they are."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.augmentation import scaled
from tltutor.training.options import Augmentation

AREA = (0.5, 1.0)  # share of the image that a crop keeps, smallest and largest
ASPECT = 4 / 3  # of a crop's sides at most
LIGHT = 0.4  # by which brightness, contrast and saturation change at most


class Augment:
    """Draws a view of each image of a batch, from random numbers of its own.

    kind: "flip" (left to right, one image of two), "crop" (half to all of the image, resized to its size), "color"
    (brightness, contrast and saturation), "all" of them, or "none".
    """

    def __init__(self, kind: Augmentation, *, seed: int) -> None:
        self.kind = kind
        self._rng = torch.Generator().manual_seed(seed)

    def __call__(self, x: Tensor) -> Tensor:
        """Return views (n, c, h, w), floats in 0..1, of images x (n, c, h, w), uint8 0..255 or floats in 0..1."""
        if self.kind == "none":
            return x
        x = scaled(x)
        draws = torch.rand(len(x), 8, generator=self._rng).to(x)  # as many for every kind
        if self.kind in ("flip", "all"):
            x = flip(x, draws[:, 0])
        if self.kind in ("crop", "all"):
            x = crop(x, draws[:, 1:5])
        if self.kind in ("color", "all"):
            x = recolor(x, 1 + LIGHT * (2 * draws[:, 5:8] - 1))
        return x

    def state(self) -> Tensor:
        """Return what decides the draws to come."""
        return self._rng.get_state()

    def restore(self, state: Tensor) -> None:
        """Go on from `state()`."""
        self._rng.set_state(state)


def flip(x: Tensor, draws: Tensor) -> Tensor:
    """Return images x (n, c, h, w), mirrored left to right where draws (n,), in 0..1, are below a half."""
    return torch.where((draws < 0.5)[:, None, None, None], x.flip(-1), x)


def crop(x: Tensor, draws: Tensor) -> Tensor:
    """Return a part of each image x (n, c, h, w), resized to (h, w): Szegedy et al., 2015, section 6, with half the area or more.

    draws: (n, 4) in 0..1, for the part's area, its ratio of width to height, and its place across and down.
    """
    area = AREA[0] + (AREA[1] - AREA[0]) * draws[:, 0]
    aspect = torch.exp(math.log(ASPECT) * (2 * draws[:, 1] - 1))
    sides = torch.stack([(area * aspect).sqrt(), (area / aspect).sqrt()], 1).clamp_max(1)
    return cut_at(x, sides, (1 - sides) * draws[:, 2:4])


def cut_at(x: Tensor, sides: Tensor, corner: Tensor) -> Tensor:
    """Return the part of each image x (n, c, h, w) that begins at `corner`, resized to (h, w) by bilinear interpolation.

    sides, corner: (n, 2), across and down, as shares of the image.
    """
    middle = 2 * corner + sides - 1  # from -1, the left or upper edge, to 1
    zero = torch.zeros_like(sides[:, 0])
    rows = [
        torch.stack([sides[:, 0], zero, middle[:, 0]], 1),
        torch.stack([zero, sides[:, 1], middle[:, 1]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def recolor(x: Tensor, factors: Tensor) -> Tensor:
    """Return images x (n, c, h, w) in 0..1 with brightness, contrast and saturation times factors (n, 3); gray ones keep their saturation.

    Brightness moves toward black, contrast toward the mean gray of the image, saturation toward each pixel's own gray.
    """
    brightness, contrast, saturation = factors.T[:, :, None, None, None]
    x = (brightness * x).clamp(0, 1)
    x = _away_from(_gray(x).mean((2, 3), keepdim=True), x, contrast)
    return _away_from(_gray(x), x, saturation) if x.shape[1] == 3 else x


def _away_from(gray: Tensor, x: Tensor, factor: Tensor) -> Tensor:
    return (gray + factor * (x - gray)).clamp(0, 1)


def _gray(x: Tensor) -> Tensor:
    """Return each pixel's luma (n, 1, h, w), by ITU-R BT.601; the mean of the channels where there are not three."""
    if x.shape[1] != 3:
        return x.mean(1, keepdim=True)
    return (x * x.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
