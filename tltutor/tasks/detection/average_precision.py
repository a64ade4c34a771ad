"""Average precision: how well boxes with scores find the true ones. NumPy alone."""

from __future__ import annotations

import numpy as np

IOU = 0.5  # overlap from which a box counts as found
MOST = 100  # boxes an image that are judged, as in COCO
RECALLS = np.linspace(0, 1, 101)


def box_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return intersection over union (n, m) of boxes a (n, 4) and b (m, 4), each (x1, y1, x2, y2)."""
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    common = (high - low).clip(0).prod(-1)
    area_a, area_b = ((box[:, 2:] - box[:, :2]).prod(-1) for box in (a, b))
    shares: np.ndarray = common / np.maximum(area_a[:, None] + area_b - common, 1e-12)
    return shares


def found_by(boxes: np.ndarray, true: np.ndarray, iou: float = IOU) -> np.ndarray:
    """Return which boxes (n, 4), best score first, find one of the true boxes (m, 4): (n,) bool.

    Each takes the free true box that it overlaps most, if by `iou` or more; a true box is found once (Lin et al., 2014).
    """
    overlap, found = box_iou(boxes, true), np.zeros(len(boxes), bool)
    for i in range(len(boxes) if len(true) else 0):
        best = int(overlap[i].argmax())
        if overlap[i, best] >= iou:
            found[i], overlap[:, best] = True, -1.0
    return found


def precision_at(found: np.ndarray, scores: np.ndarray, n_true: int) -> np.ndarray:
    """Return the precision at recall 0, .01, .. 1 (101,) of all boxes of one class, found or not (n,), with scores (n,).

    Precision at a recall is the best one at this recall or a higher one; at a recall that is not reached it is 0.
    """
    hits = np.cumsum(found[np.argsort(-scores, kind="stable")])
    recall, precision = hits / n_true, hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, RECALLS)
    return np.append(best, 0.0)[place]


def average_precision(
    predictions: np.ndarray, y: np.ndarray, *, label: int, iou: float = IOU
) -> float:
    """Return the average precision of one class at an overlap of `iou`: the mean of `precision_at` over 101 recalls, as COCO does.

    predictions (n, m, 6): boxes x1, y1, x2, y2, score, label of n images; y (n, k, 5): true boxes x1, y1, x2, y2, label. Rows
    of label -1 are padding. Only the MOST best boxes of an image count. NaN if no image has a true box of the class.
    """
    found, scores, n_true = [], [], 0
    for boxes, true in zip(predictions, y, strict=True):
        mine, wanted = boxes[boxes[:, 5] == label], true[true[:, 4] == label]
        mine = mine[np.argsort(-mine[:, 4], kind="stable")][:MOST]
        found.append(found_by(mine[:, :4], wanted[:, :4], iou))
        scores.append(mine[:, 4])
        n_true += len(wanted)
    if not n_true:
        return float("nan")
    return float(precision_at(np.concatenate(found), np.concatenate(scores), n_true).mean())


def mean_average_precision(predictions: np.ndarray, y: np.ndarray, *, iou: float = IOU) -> float:
    """Return the mean of `average_precision` over the classes that have a true box; see there for the arrays."""
    labels = np.unique(y[..., 4][y[..., 4] >= 0]).astype(int)
    if not len(labels):
        return float("nan")
    each = [average_precision(predictions, y, label=int(label), iou=iou) for label in labels]
    return float(np.mean(each))
