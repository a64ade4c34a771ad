"""Random changes of a batch that keep its classes, weak and strong, of images, vectors and texts, on the batch's device.

They draw from torch's global random stream, which a session replaces by its own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_maps, check_stages
from tltutor.objectives.tokens import are_tokens, hide

SHIFT = 0.125  # share of a side, as in FixMatch (Sohn et al., 2020); no flips: a flipped digit is another shape
MOST = (0.5, 0.3, 0.3)  # rotation in radians, zoom and shear as shares, at full strength


def weak(x: Tensor) -> Tensor:
    """Return images (n, c, h, w) shifted by up to an eighth of a side; vectors (n, d) with noise of .05 standard deviations.

    Texts of tokens (n, length) lose one token in twenty.
    """
    if are_tokens(x):
        return hide(x, 0.05)
    x = scaled(x)
    if x.ndim == 2:
        return jitter(x, 0.05)
    return warp(x, SHIFT * (2 * torch.rand(len(x), 2, device=x.device) - 1) * 2)


def strong(x: Tensor, strength: float) -> Tensor:
    """Return images rotated, zoomed, sheared, shifted, of other contrast and brightness, with a gray square; noisier vectors.

    x: images (n, c, h, w), vectors (n, d), or texts of tokens (n, length), which lose up to half of their tokens.
    strength: 0..1, share of the largest changes.
    """
    if are_tokens(x):
        return hide(x, 0.5 * strength)
    x = scaled(x)
    if x.ndim == 2:
        return jitter(x, 0.5 * strength)
    n = len(x)
    draws = (2 * torch.rand(n, 5, device=x.device) - 1) * strength
    x = warp(x, 2 * SHIFT * draws[:, :2], draws[:, 2:] * draws.new_tensor(MOST))
    contrast, brightness = 0.8 * strength * (2 * torch.rand(2, n, 1, 1, 1, device=x.device) - 1)
    return cut_out(adjust_color(x, contrast, 0.5 * brightness), 0.5 * strength)


def scaled(x: Tensor) -> Tensor:
    """Return inputs (n, ...) as floats; uint8 is divided by 255."""
    if getattr(x, "dtype", None) == torch.uint8:
        x = x.float() / 255
    check_stages(x=x)
    return x


def jitter(x: Tensor, scale: float) -> Tensor:
    """Return x (n, d) plus normal noise of `scale` times each column's standard deviation in the batch."""
    check_features(x=x)
    spread = x.std(0, correction=0)
    return x + scale * spread * torch.randn_like(x)


def warp(x: Tensor, shift: Tensor, rotation_zoom_shear: Tensor | None = None) -> Tensor:
    """Return images x (n, c, h, w) under one affine map each; the pixels of the edges repeat.

    shift: (n, 2), in half sides. rotation_zoom_shear: (n, 3), the rotation in radians, zoom and shear as shares.
    """
    check_maps(x=x)
    if rotation_zoom_shear is None:
        rotation_zoom_shear = torch.zeros(len(x), 3, device=x.device)
    rotation, zoom, shear = rotation_zoom_shear.T
    a, b = torch.cos(rotation) * (1 + zoom), torch.sin(rotation) * (1 + zoom)
    rows = [torch.stack([a, -b + shear, shift[:, 0]], 1), torch.stack([b, a, shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1).to(x.dtype), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def adjust_color(x: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Return images mean + (x - mean) * (1 + contrast) + brightness, cut to 0..1, with each image's own mean.

    x: (n, c, h, w) in 0..1. contrast, brightness: (n, 1, 1, 1).
    """
    check_maps(x=x)
    mean = x.mean((1, 2, 3), keepdim=True)
    return (mean + (x - mean) * (1 + contrast) + brightness).clamp(0, 1)


def cut_out(x: Tensor, share: float) -> Tensor:
    """Return images x (n, c, h, w) with a gray square at a random place, `share` of each side long (DeVries & Taylor, 2017)."""
    check_maps(x=x)
    n, _, h, w = x.shape
    center = torch.rand(n, 2, 1, device=x.device)
    down = (torch.arange(h, device=x.device) + 0.5) / h - center[
        :, 0
    ]  # (n, h): distance from the square's center
    across = (torch.arange(w, device=x.device) + 0.5) / w - center[:, 1]
    hidden = (down.abs() <= share / 2)[:, None, :, None] & (across.abs() <= share / 2)[
        :, None, None, :
    ]
    return torch.where(hidden & (share > 0), 0.5, x)
