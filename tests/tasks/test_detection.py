"""Detection against its oracles: average precision by COCO's own program, targets by loops, losses by closed forms."""

import contextlib
import io
import math

import numpy as np
import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tltutor.tasks import Detection
from tltutor.tasks.detection import average_precision, mean_average_precision
from tltutor.tasks.detection.average_precision import box_iou, precision_at
from tltutor.tasks.detection.fcos import (
    aims,
    boxes_at,
    centerness,
    class_loss,
    distances,
    fcos_loss,
    iou_loss,
    places,
    split,
)

K, STRIDE = 3, 8


def random_boxes(rng, n, side=64):
    corner = rng.uniform(0, side - 12, (n, 2))
    return np.hstack([corner, corner + rng.uniform(6, 12, (n, 2))])


def random_images(seed, n=12):
    """True boxes (n, m, 5) with padding, and predictions (n, r, 6): some near the true ones, some anywhere."""
    rng = np.random.default_rng(seed)
    y, p = np.full((n, 5, 5), -1.0), np.full((n, 20, 6), -1.0)
    for true, found in zip(y, p, strict=True):
        m = rng.integers(0, 5)
        true[:m] = np.column_stack([random_boxes(rng, m), rng.integers(0, K, m)])
        near = true[rng.integers(0, m, 8), :4] if m else random_boxes(rng, 8)
        near = near + rng.uniform(-2, 2, near.shape)
        boxes = np.vstack([near, random_boxes(rng, 6)])
        found[:14] = np.column_stack(
            [boxes, rng.uniform(0.05, 1, 14).round(2), rng.integers(0, K, 14)]
        )
        if m:
            found[:4, 5] = true[rng.integers(0, m, 4), 4]
    return p, y


def by_coco(predictions, y):
    """AP at .5 of each class (K,) by pycocotools."""
    true, found = [], []
    for i, (boxes, wanted) in enumerate(zip(predictions, y, strict=True)):
        for x1, y1, x2, y2, label in wanted[wanted[:, 4] >= 0].tolist():
            box, area = [x1, y1, x2 - x1, y2 - y1], (x2 - x1) * (y2 - y1)
            true.append(
                {"id": len(true) + 1, "image_id": i, "category_id": int(label), "bbox": box}
                | {"area": area, "iscrowd": 0}
            )
        for x1, y1, x2, y2, score, label in boxes[boxes[:, 5] >= 0].tolist():
            box = [x1, y1, x2 - x1, y2 - y1]
            found.append({"image_id": i, "category_id": int(label), "bbox": box, "score": score})
    data = {
        "images": [{"id": i} for i in range(len(y))],
        "annotations": true,
        "categories": [{"id": k} for k in range(K)],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = data
        known.createIndex()
        judge = COCOeval(known, known.loadRes(found), "bbox")
        judge.params.iouThrs = np.array([0.5])
        judge.evaluate()
        judge.accumulate()
    return judge.eval["precision"][0, :, :, 0, -1].mean(0)


def test_average_precision_is_that_of_cocos_own_program():
    for seed in range(5):
        p, y = random_images(seed)
        ours = [average_precision(p, y, label=k) for k in range(K)]
        theirs = by_coco(p, y)
        assert np.allclose(ours, theirs, atol=1e-12), seed
        assert 0 < min(ours) < max(ours) < 1
        assert mean_average_precision(p, y) == pytest.approx(theirs.mean())


def test_precision_is_the_best_at_this_recall_or_a_higher_one():
    found, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    at = precision_at(found, scores, n_true=4)
    assert at[[0, 25]].tolist() == [1, 1]
    assert at[[26, 50]] == pytest.approx(2 / 3)
    assert at[51:].tolist() == [0] * 50
    assert precision_at(found[[2, 1, 0]], scores[[2, 1, 0]], 4).tolist() == at.tolist()


def test_a_true_box_is_found_once_and_nothing_is_found_in_its_absence():
    true = np.array([[[0.0, 0, 10, 10, 1]]])
    twice = np.array([[[0.0, 0, 10, 10, 0.9, 1], [0, 0, 10, 10, 0.8, 1], [0, 0, 9, 9, 0.7, 0]]])
    assert average_precision(twice, true, label=1) == 1
    assert average_precision(twice[:, ::-1], true, label=1) == 1
    assert math.isnan(average_precision(twice, true, label=0))
    assert mean_average_precision(twice, true) == 1, "a class without a true box does not count"
    nothing = np.full((1, 1, 6), -1.0)
    assert mean_average_precision(nothing, true) == 0
    assert math.isnan(mean_average_precision(nothing, np.full((1, 1, 5), -1.0)))


def test_overlap_is_common_area_by_whole_area():
    a = np.array([[0.0, 0, 4, 4], [10, 10, 12, 12]])
    b = np.array([[2.0, 2, 6, 6], [0, 0, 4, 4]])
    assert box_iou(a, b).tolist() == [[4 / 28, 1], [0, 0]]


# --- FCOS


def test_distances_and_boxes_are_inverse():
    rng = np.random.default_rng(0)
    boxes = torch.tensor(random_boxes(rng, 20))
    centers = torch.tensor(rng.uniform(0, 64, (20, 2)))
    assert torch.allclose(boxes_at(centers, distances(centers, boxes)), boxes)
    assert places(2, 3, 8, torch.zeros(1)).tolist() == [
        [4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12],
    ]  # fmt: skip


def test_centerness_is_one_at_the_center_and_falls_to_zero_at_a_side():
    sides = torch.tensor([[4.0, 3, 4, 3], [1, 3, 4, 3], [0, 3, 4, 3], [1, 1, 4, 4]])
    assert centerness(sides).tolist() == pytest.approx([1, 0.5, 0, 0.25])


def test_what_places_should_say_is_that_of_two_loops():
    rng = np.random.default_rng(1)
    y = np.full((6, 5, 5), -1.0, np.float32)
    for boxes in y[1:]:
        m = rng.integers(1, 6)
        boxes[:m] = np.column_stack([random_boxes(rng, m) * 0.8, rng.integers(0, K, m)])
        boxes[:m, 2:4] += rng.uniform(0, 20, (m, 2))
    found = aims(torch.tensor(y), 8, 8, STRIDE)
    assert (found.label >= 0).any()
    for i, boxes in enumerate(y):
        for p in range(64):
            cx, cy = (p % 8 + 0.5) * STRIDE, (p // 8 + 0.5) * STRIDE
            around = [b for b in boxes if b[4] >= 0 and b[0] < cx < b[2] and b[1] < cy < b[3]]
            if not around:
                assert found.label[i, p] == -1
                continue
            x1, y1, x2, y2, label = min(around, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
            assert found.label[i, p] == label
            assert found.box[i, p].tolist() == [x1, y1, x2, y2]
            left, top, right, bottom = cx - x1, cy - y1, x2 - cx, y2 - cy
            shares = min(left, right) / max(left, right) * min(top, bottom) / max(top, bottom)
            assert float(found.centerness[i, p]) == pytest.approx(shares**0.5, rel=1e-4)


def test_losses_have_their_closed_forms():
    z, label = torch.tensor([[[0.5, -1.0], [2.0, 0.0]]]), torch.tensor([[1, -1]])
    p = z[0].sigmoid().double()
    wanted = -((1 - p[0, 0]).log() + p[0, 1].log() + (1 - p[1]).log().sum())
    assert float(class_loss(z, label)) == pytest.approx(float(wanted), rel=1e-6)
    a, b = torch.tensor([[0.0, 0, 4, 4]]), torch.tensor([[2.0, 2, 6, 6]])
    assert float(iou_loss(a, a)) == 0
    assert float(iou_loss(a, b)) == pytest.approx(-math.log(5 / 29))


def exact(y, h=8, w=8):
    """The head's outputs that say all that is true of boxes y (n, m, 5)."""
    aim = aims(y, h, w, STRIDE)
    sides = distances(places(h, w, STRIDE, y), aim.box).clamp_min(1e-3)
    logits = torch.full((*aim.label.shape, K), -12.0)
    inside = aim.label >= 0
    logits[inside] = logits[inside].scatter(1, aim.label[inside][:, None], 12.0)
    rows = torch.cat(
        [logits, (sides / STRIDE).log(), torch.logit(aim.centerness, 1e-4)[..., None]], -1
    )
    return rows.transpose(1, 2).reshape(len(y), K + 5, h, w)


def apart(seed=0):
    """Boxes (4, 2, 5) that do not overlap; the last image has one only."""
    rng = np.random.default_rng(seed)
    y = np.full((4, 2, 5), -1.0, np.float32)
    for boxes in y:
        boxes[0] = [*rng.uniform(0, 8, 2), *rng.uniform(24, 31, 2), rng.integers(K)]
        boxes[1] = [*rng.uniform(33, 40, 2), *rng.uniform(56, 64, 2), rng.integers(K)]
    y[-1, 1] = -1
    return torch.tensor(y)


def test_true_outputs_give_the_true_boxes_and_hardly_a_loss():
    y, task = apart(), Detection(STRIDE)
    z = exact(y)
    logits, boxes, _ = split(z, STRIDE)
    aim = aims(y, 8, 8, STRIDE)
    inside = aim.label >= 0
    assert logits.argmax(-1)[inside].equal(aim.label[inside])
    assert torch.allclose(boxes[inside], aim.box[inside], atol=1e-3)
    found = task.predict(z)
    assert task.score(found, y.numpy()) == 1
    best = found[0][np.argsort(-found[0, :, 4])][:2]
    assert np.allclose(best[best[:, 0].argsort(), :4], y[0, :, :4], atol=0.01)
    at_best = float(task.loss(z, y))
    entropy = [
        -t * t.log() - (1 - t) * (1 - t).log()
        for t in [aim.centerness[inside].clamp(1e-4, 1 - 1e-4)]
    ]
    assert at_best == pytest.approx(float(entropy[0].mean()), abs=0.02), "centerness is no 0 or 1"
    for seed in range(3):
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(seed))
        assert float(task.loss(z + noise, y)) > at_best


def test_a_score_is_the_geometric_mean_of_class_and_centerness():
    z = torch.randn(2, K + 5, 3, 4, generator=torch.Generator().manual_seed(0))
    boxes, scores = Detection(STRIDE).scored(z)
    assert boxes.shape == (2, 12, 4)
    for image in range(2):
        for place in range(12):
            at = z[image, :, place // 4, place % 4].sigmoid()
            for label in range(K):
                wanted = float(at[label] * at[-1]) ** 0.5
                assert float(scores[image, place, label]) == pytest.approx(wanted, abs=1e-6)


def test_the_loss_is_the_sum_of_its_three_parts():
    y, z = apart(1), torch.randn(4, K + 5, 8, 8, generator=torch.Generator().manual_seed(0))
    logits, boxes, center = (part.flatten(0, 1) for part in split(z, STRIDE))
    label, box, w = (part.flatten(0, 1) for part in aims(y, 8, 8, STRIDE))
    total = sides = weights = 0.0
    inside = 0
    for i in range(len(label)):
        for k in range(K):
            p = float(logits[i, k].sigmoid())
            total -= math.log(p if label[i] == k else 1 - p)
        if label[i] >= 0:
            inside += 1
            t, q = float(w[i]), float(center[i].sigmoid())
            total -= t * math.log(q) + (1 - t) * math.log(1 - q)
            sides += t * float(iou_loss(boxes[i : i + 1], box[i : i + 1]))
            weights += t
    assert float(fcos_loss(z, y, STRIDE)) == pytest.approx(
        total / inside + sides / weights, rel=1e-4
    )


def test_images_without_a_box_have_a_finite_loss_and_gradient():
    z = torch.zeros(2, K + 5, 4, 4, requires_grad=True)
    loss = Detection(STRIDE).loss(z, torch.full((2, 1, 5), -1.0))
    loss.backward()
    assert loss.isfinite()
    assert z.grad.isfinite().all()
    assert (z.grad[:, :K] > 0).all(), "every class falls where there is no object"


def test_a_head_begins_with_background_everywhere():
    head = Detection(STRIDE).head(16, K)
    z = head(torch.randn(2, 16, 4, 4)).detach()
    assert z.shape == (2, K + 5, 4, 4)
    assert float(z[:, :K].sigmoid().max()) < 0.05
    assert Detection(STRIDE).predict(z)[..., 5].max() in (-1, 0, 1, 2)


def test_a_region_is_the_mean_of_the_map_in_a_predicted_box():
    y, task = apart(), Detection(STRIDE)
    h = torch.randn(4, 5, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    constant = torch.arange(5.0).view(1, 5, 1, 1).expand(4, 5, 8, 8)
    z = exact(y).requires_grad_()
    assert torch.allclose(task.regions(constant.flatten(1), z)[0, 0], torch.arange(5.0))
    found = task.regions(h.flatten(1), z)
    assert found.shape == (4, 8, task.cell_width(5 * 64, 5))
    found.sum().backward()
    assert h.grad.abs().sum() > 0
    assert z.grad is None, "where one looks is no way for a gradient"


def test_a_cell_is_one_place_of_the_map():
    h = torch.randn(2, 5, 3, 4)
    cells = Detection(STRIDE).cells(h.flatten(1), torch.zeros(2, K + 5, 3, 4))
    assert torch.equal(cells[1, 1 * 4 + 2], h[1, :, 1, 2])


def test_a_point_of_the_map_is_the_cell_at_the_center_of_its_box():
    task, h = Detection(STRIDE), torch.arange(2 * 3 * 64.0).view(2, 3, 8, 8)
    z = torch.randn(2, K + 5, 8, 8)
    f, logits = task.at_points(h.flatten(1), z, np.array([[0, 0, 20, 36], [60.0, 60, 64, 64]]))
    assert torch.equal(f[0], h[0, :, 2, 1])
    assert torch.equal(f[1], h[1, :, 7, 7])
    assert torch.equal(logits[0], z[0, :K, 2, 1])
    assert task.of_points.predict(logits).shape == (2,)
