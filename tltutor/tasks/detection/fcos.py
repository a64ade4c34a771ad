"""FCOS (Tian et al., 2019): every place of a feature map says which object it lies in, and how far the object's sides are.

A place is the center of a cell of `stride` pixels. Boxes come padded: y (n, m, 5) holds x1, y1, x2, y2 in pixels and the label
of each box, and rows of label -1 hold none. What the head returns, z (n, k + 5, h, w), is at each place k logits of classes,
the logarithms of the four distances in strides, and the logit of centerness.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

SIDES = 4


class Aims(NamedTuple):
    """What the places of each image should say: label (n, p) or -1, box (n, p, 4), centerness (n, p); p = h * w, row by row."""

    label: Tensor
    box: Tensor
    centerness: Tensor


def places(h: int, w: int, stride: float, like: Tensor) -> Tensor:
    """Return the centers (h * w, 2) of a map's cells in pixels, x before y, row by row."""
    y, x = torch.meshgrid(
        *(torch.arange(n, device=like.device, dtype=like.dtype) for n in (h, w)), indexing="ij"
    )
    return (torch.stack([x, y], -1).flatten(0, 1) + 0.5) * stride


def distances(centers: Tensor, boxes: Tensor) -> Tensor:
    """Return how far left, top, right and bottom of boxes (..., 4) are from centers (..., 2): (..., 4) (eq. 1)."""
    return torch.cat([centers - boxes[..., :2], boxes[..., 2:] - centers], -1)


def boxes_at(centers: Tensor, sides: Tensor) -> Tensor:
    """Return the boxes (..., 4) whose sides are these distances (..., 4) from centers (..., 2): the inverse of `distances`."""
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], -1)


def centerness(sides: Tensor) -> Tensor:
    """Return sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)) of distances (..., 4): 1 at a box's center (eq. 3)."""
    across, down = sides[..., 0::2], sides[..., 1::2]
    shares = [pair.amin(-1) / pair.amax(-1).clamp_min(1e-9) for pair in (across, down)]
    return (shares[0] * shares[1]).clamp_min(0).sqrt()


def aims(y: Tensor, h: int, w: int, stride: float) -> Aims:
    """Return what each place should say for boxes y (n, m, 5): that of the smallest box it lies in, label -1 in none (section 3.1)."""
    centers = places(h, w, stride, y)
    sides = distances(centers[:, None], y[:, None, :, :4])  # (n, p, m, 4)
    area = (y[..., 2:4] - y[..., :2]).prod(-1)[:, None].expand(sides.shape[:-1])
    inside = (sides.amin(-1) > 0) & (y[:, None, :, 4] >= 0)
    smallest = area.masked_fill(~inside, torch.inf).argmin(-1)  # (n, p)
    mine = y.gather(1, smallest[..., None].expand(-1, -1, 5))
    label = torch.where(inside.any(-1), mine[..., 4].long(), -1)
    return Aims(label, mine[..., :4], centerness(distances(centers, mine[..., :4])))


def split(z: Tensor, stride: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return class logits (n, p, k), boxes (n, p, 4) in pixels and centerness logits (n, p) of z (n, k + 5, h, w)."""
    h, w = z.shape[2:]
    centers = places(h, w, stride, z)
    rows = z.flatten(2).transpose(1, 2)
    sides = rows[..., -5:-1].clamp(max=6).exp() * stride
    return rows[..., :-5], boxes_at(centers, sides), rows[..., -1]


def class_loss(z: Tensor, label: Tensor) -> Tensor:
    """Return the sum of binary cross-entropies over places and classes: z (n, p, k) logits; label (n, p), -1 for background.

    The paper's focal loss (alpha .25, gamma 2) is made for large images, in which hardly a place lies in an object; with it this
    small detector learns to tell classes apart much later.
    """
    true = F.one_hot(label + 1, z.shape[-1] + 1)[..., 1:].to(z.dtype)
    return F.binary_cross_entropy_with_logits(z, true, reduction="sum")


def iou_loss(boxes: Tensor, true: Tensor) -> Tensor:
    """Return -log((intersection + 1) / (union + 1)) in square pixels (n,) of boxes and true ones, both (n, 4) (Yu et al., 2016)."""
    low, high = (
        torch.maximum(boxes[:, :2], true[:, :2]),
        torch.minimum(boxes[:, 2:], true[:, 2:]),
    )
    common = (high - low).clamp_min(0).prod(-1)
    areas = [(b[:, 2:] - b[:, :2]).prod(-1) for b in (boxes, true)]
    return -((common + 1) / (areas[0] + areas[1] - common + 1)).log()


def fcos_loss(z: Tensor, y: Tensor, stride: float) -> Tensor:
    """Return the loss of FCOS (eq. 2) of z (n, k + 5, h, w) for boxes y (n, m, 5): classes + boxes + centerness.

    Classes: `class_loss` at all places, by the number of places in a box. Boxes: `iou_loss` there, by their centerness.
    Centerness: binary cross-entropy there.
    """
    logits, boxes, center = split(z, stride)
    h, w = z.shape[2:]
    aim = aims(y.to(z.dtype), h, w, stride)
    inside = aim.label >= 0
    n_inside = inside.sum().clamp_min(1)
    weight = aim.centerness[inside]
    sides = (weight * iou_loss(boxes[inside], aim.box[inside])).sum() / weight.sum().clamp_min(1e-6)
    centers = F.binary_cross_entropy_with_logits(center[inside], weight, reduction="sum")
    return (class_loss(logits, aim.label) + centers) / n_inside + sides
