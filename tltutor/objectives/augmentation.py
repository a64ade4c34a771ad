"""Random changes of a batch that leave its classes as they are, on its own device: weak and strong, of images and vectors.

They draw from torch's current random stream, which inside a session is the session's own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SHIFT = 0.125  # share of a side, as in FixMatch (Sohn et al., 2020); no flips: digits have a handedness
MOST = (0.5, 0.3, 0.3)  # radians of turn, share of zoom, share of shear at full strength


def weak(x: Tensor) -> Tensor:
    """Images (n, c, h, w) moved by up to an eighth of a side; vectors (n, d) with noise of .05 standard deviations."""
    if x.ndim == 2:
        return jitter(x, 0.05)
    return warp(unit(x), SHIFT * (2 * torch.rand(len(x), 2, device=x.device) - 1) * 2)


def strong(x: Tensor, strength: float) -> Tensor:
    """Images turned, zoomed, sheared, moved, changed in contrast and brightness, and with a grey square; vectors noisier."""
    if x.ndim == 2:
        return jitter(x, 0.5 * strength)
    x, n = unit(x), len(x)
    draws = (2 * torch.rand(n, 5, device=x.device) - 1) * strength
    x = warp(x, 2 * SHIFT * draws[:, :2], draws[:, 2:] * draws.new_tensor(MOST))
    contrast, brightness = 0.8 * strength * (2 * torch.rand(2, n, 1, 1, 1, device=x.device) - 1)
    return cut_out(recolour(x, contrast, 0.5 * brightness), 0.5 * strength)


def unit(x: Tensor) -> Tensor:
    """Images as float 0..1: uint8 is divided by 255."""
    return x.float() / 255 if x.dtype == torch.uint8 else x


def jitter(x: Tensor, scale: float) -> Tensor:
    """x (n, d) plus normal noise of `scale` times each column's standard deviation in the batch."""
    spread = x.std(0, correction=0)
    return x + scale * spread * torch.randn_like(x)


def warp(x: Tensor, shift: Tensor, turn_zoom_shear: Tensor | None = None) -> Tensor:
    """Images seen through one affine map each: shift (n, 2) in half sides; turn in radians, zoom, shear (n, 3). Edges repeat."""
    turn, zoom, shear = torch.zeros(3, len(x), device=x.device) if turn_zoom_shear is None else turn_zoom_shear.T
    a, b = torch.cos(turn) * (1 + zoom), torch.sin(turn) * (1 + zoom)
    rows = [torch.stack([a, -b + shear, shift[:, 0]], 1), torch.stack([b, a, shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1).to(x.dtype), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def recolour(x: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Differences from each image's mean grow by `contrast` (n, 1, 1, 1) as a share, all gets brighter; held within 0..1."""
    middle = x.mean((1, 2, 3), keepdim=True)
    return (middle + (x - middle) * (1 + contrast) + brightness).clamp(0, 1)


def cut_out(x: Tensor, share: float) -> Tensor:
    """A grey square with `share` of each side's length somewhere on each image (DeVries & Taylor, 2017)."""
    n, _, h, w = x.shape
    middle = torch.rand(n, 2, 1, device=x.device)
    down = (torch.arange(h, device=x.device) + 0.5) / h - middle[:, 0]  # (n, h): distance from the square's middle
    across = (torch.arange(w, device=x.device) + 0.5) / w - middle[:, 1]
    hidden = (down.abs() <= share / 2)[:, None, :, None] & (across.abs() <= share / 2)[:, None, None, :]
    return torch.where(hidden & (share > 0), 0.5, x)
