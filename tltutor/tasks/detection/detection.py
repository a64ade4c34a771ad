"""Detection: each image has boxes with classes. A head for every place of a feature map, FCOS's loss, average precision."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from tltutor.tasks.classification import CLASSIFICATION
from tltutor.tasks.detection.average_precision import MOST, mean_average_precision
from tltutor.tasks.detection.fcos import fcos_loss, split
from tltutor.tasks.task import Task

SCORE = 0.05  # a box that scores less is not told
OVERLAP = 0.5  # of two boxes of one class that overlap by more, the better one stays
REGIONS = 8  # boxes of an image whose features are compared over the domains
SIDES_AND_CENTER = 5  # of the head's outputs at a place
PRIOR = 0.01  # probability of a class at a place before training (Lin et al., 2017, section 4.1)


class Detection(Task):
    """Boxes of k classes, found on a feature map (n, width, h, w) whose cells are `stride` pixels wide.

    Labels y (n, m, 5) are x1, y1, x2, y2 in pixels and the class, predictions (n, m, 6) have a score 0..1 before the class;
    rows of class -1 are padding. The head's outputs z are those of `tltutor.tasks.detection.fcos`.
    """

    name: ClassVar[str] = "detection"
    score_name: ClassVar[str] = "AP"

    def __init__(self, stride: float = 8) -> None:
        self.stride = stride

    def head(self, width: int, outputs: int) -> nn.Module:
        """Build two convolutions (n, width, h, w) -> (n, outputs + 5, h, w); at first each place sees background."""
        last = nn.Conv2d(width, outputs + 5, 1)
        nn.init.normal_(last.weight, std=0.01)
        background = torch.zeros(outputs + 5)
        background[:outputs] = -math.log((1 - PRIOR) / PRIOR)
        last.bias = nn.Parameter(background)
        return nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), last)

    def loss(self, z: Tensor, y: Tensor) -> Tensor:
        """Return `fcos_loss`, one number."""
        return fcos_loss(z, y, self.stride)

    def scored(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return boxes (n, p, 4) in pixels, and scores sqrt(P(class) * centerness) (n, p, k) of every place."""
        logits, boxes, center = split(z, self.stride)
        return boxes, (logits.sigmoid() * center.sigmoid()[..., None]).sqrt()

    def predict(self, z: Tensor) -> np.ndarray:
        """Return the boxes that score `SCORE` or more and are left after suppression: (n, m, 6), at most 100 an image."""
        boxes, scores = self.scored(z)
        height, width = (side * self.stride for side in z.shape[2:])
        boxes = boxes.clamp_min(0).minimum(boxes.new_tensor([width, height, width, height]))
        return padded([suppressed(b, s) for b, s in zip(boxes, scores, strict=True)])

    @property
    def of_points(self) -> Task:
        """The points are regions, and a region has one class."""
        return CLASSIFICATION

    def at_points(self, f: Tensor, z: Tensor, boxes: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return features (n, width) and class logits (n, k) at the cells in which the boxes (n, 4) have their centers."""
        h, w = z.shape[2:]
        centers = torch.from_numpy((boxes[:, :2] + boxes[:, 2:]) / 2 / self.stride).long()
        columns, rows = (c.clamp(0, most - 1) for c, most in zip(centers.T, (w, h), strict=True))
        every = torch.arange(len(f))
        return (
            as_map(f, z)[every, :, rows, columns],
            z[every, :-SIDES_AND_CENTER, rows, columns],
        )

    def cell_width(self, feature_width: int, head_width: int) -> int:
        """Return the number of channels of the map."""
        return head_width

    def cells(self, f: Tensor, z: Tensor) -> Tensor:
        """Return the map's cells (n, h * w, width), row by row."""
        return as_map(f, z).flatten(2).transpose(1, 2)

    def regions(self, f: Tensor, z: Tensor) -> Tensor:
        """Return the mean of the map in each of the `REGIONS` best boxes of an image (n, r, width); z gets no gradient."""
        from torchvision.ops import roi_align

        h = as_map(f, z)
        boxes, scores = self.scored(z.detach())
        height, width = (side * self.stride for side in z.shape[2:])
        boxes = boxes.clamp_min(0).minimum(boxes.new_tensor([width, height, width, height]))
        best = scores.amax(-1).topk(min(REGIONS, boxes.shape[1]), 1).indices
        chosen = boxes.gather(1, best[..., None].expand(-1, -1, 4))
        found: Tensor = roi_align(
            h, list(chosen), 3, 1 / self.stride, sampling_ratio=2, aligned=True
        )
        return found.mean((2, 3)).view(len(h), -1, h.shape[1])

    def score(self, predictions: np.ndarray, y: np.ndarray) -> float:
        """Return the mean average precision over the classes at an overlap of .5, 0..1."""
        return mean_average_precision(predictions, y)


def as_map(f: Tensor, z: Tensor) -> Tensor:
    """Return features f (n, width * h * w) as the map that they are, (n, width, h, w), by outputs z (n, outputs, h, w)."""
    return f.view(len(f), -1, *z.shape[2:])


def suppressed(boxes: Tensor, scores: Tensor) -> np.ndarray:
    """Return the boxes of one image (m, 6) that score enough and that no better one of their class covers, best first.

    boxes (p, 4), scores (p, k): one box for all classes of a place.
    """
    from torchvision.ops import batched_nms

    place, label = (scores >= SCORE).nonzero(as_tuple=True)
    kept = batched_nms(boxes[place], scores[place, label], label, OVERLAP)[:MOST]
    place, label = place[kept], label[kept]
    rows = [boxes[place], scores[place, label, None], label[:, None].to(boxes)]
    found: np.ndarray = torch.cat(rows, 1).cpu().numpy()
    return found


def padded(images: list[np.ndarray]) -> np.ndarray:
    """Stack the rows (m, d) of each image to (n, most rows, d); rows of label -1 are padding."""
    most = max((len(rows) for rows in images), default=0)
    whole = np.full((len(images), max(most, 1), 6), -1.0, np.float32)
    for image, rows in zip(whole, images, strict=True):
        image[: len(rows)] = rows
    return whole
