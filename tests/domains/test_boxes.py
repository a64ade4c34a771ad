"""Images with boxes: what is taken, what is refused in one sentence, COCO's form, and the embedded scenes."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.ops import box_convert, clip_boxes_to_image

import tltutor as tl
from tltutor.domains import read_coco
from tltutor.domains.boxes import as_targets, padded
from tltutor.domains.scenes import FOG, NEAR, foggy

X = np.zeros((3, 3, 32, 40), np.uint8)
GOOD = [
    {"boxes": [[1, 2, 10, 12], [0, 0, 40, 32]], "labels": [1, 0]},
    {"boxes": [], "labels": []},
    {"boxes": torch.tensor([[3.0, 4, 5, 6]]), "labels": torch.tensor([1])},
]


def with_box(box, label=0):
    return [{"boxes": [box], "labels": [label]}, *GOOD[1:]]


def test_torchvisions_targets_become_one_padded_array_and_come_back():
    domain = tl.Domain("a", X, GOOD, ("cat", "dog"))
    assert domain.has_boxes
    assert domain.y.shape == (3, 2, 5)
    assert domain.y[0].tolist() == [[1, 2, 10, 12, 1], [0, 0, 40, 32, 0]]
    assert (domain.y[1, :, 4] == -1).all()
    assert "boxes of 2 classes" in repr(domain)
    back = domain.targets
    assert [len(t["labels"]) for t in back] == [2, 0, 1]
    assert back[0]["labels"].dtype == np.int64
    again = tl.Domain("b", X, back, domain.class_names)
    assert np.array_equal(again.y, domain.y)
    assert np.array_equal(tl.Domain("c", X, domain.y, domain.class_names).y, domain.y)
    assert not domain.y.flags.writeable


def test_labels_of_boxes_may_be_names():
    named = [{"boxes": [[0, 0, 9, 9]], "labels": ["dog"]}, *[{"boxes": [], "labels": []}] * 2]
    domain = tl.Domain("a", X, named, ("cat", "dog"))
    assert domain.y[0, 0, 4] == 1


def test_bad_boxes_are_refused_in_one_sentence_whose_remedy_works():
    with pytest.raises(
        ValueError, match=r"inside the image of 40 x 32 pixels, got \(1, 2, 50, 12\) in example 0"
    ):
        tl.Domain("a", X, with_box([1, 2, 50, 12]))
    cut = clip_boxes_to_image(torch.tensor([[1.0, 2, 50, 12]]), (32, 40))
    assert tl.Domain("a", X, with_box(cut[0].tolist())).y[0, 0, 2] == 40
    with pytest.raises(ValueError, match=r"x1 < x2 and y1 < y2, got \(10, 12, 5, 6\) in example 0"):
        tl.Domain("a", X, with_box([10, 12, 5, 6]))
    corners = box_convert(torch.tensor([[10.0, 12, 5, 6]]), "xywh", "xyxy")
    assert tl.Domain("a", X, with_box(corners[0].tolist())).y[0, 0, :4].tolist() == [10, 12, 15, 18]
    with pytest.raises(ValueError, match=r"at least one box, got none in 3 images: give y=None"):
        tl.Domain("a", X, [{"boxes": [], "labels": []}] * 3)
    with pytest.raises(ValueError, match=r"boxes for every image, got 2 for 3 images"):
        tl.Domain("a", X, GOOD[:2])
    with pytest.raises(ValueError, match=r"7"):
        tl.Domain("a", X, with_box([1, 2, 5, 6], 7), ("cat", "dog"))
    with pytest.raises(
        TypeError, match=r"'boxes' and 'labels' for each image, got keys \['bbox'\] in example 0"
    ):
        tl.Domain("a", X, [{"bbox": []}, *GOOD[1:]])
    with pytest.raises(
        ValueError, match=r"boxes \(m, 4\) and m labels .* \(1, 3\) and 1 labels in example 0"
    ):
        tl.Domain("a", X, with_box([1, 2, 5]))
    with pytest.raises(ValueError, match=r"finite"):
        tl.Domain("a", X, with_box([1, 2, float("nan"), 6]))
    with pytest.raises(ValueError, match=r"boxes, which belong to images"):
        tl.Domain("a", np.zeros((3, 2)), GOOD)
    with pytest.raises(ValueError, match=r"'plain' has none"):
        _ = tl.Domain("plain", X, [0, 1, 0]).targets


def test_a_box_that_rounding_moved_over_the_rim_is_cut_there():
    domain = tl.Domain("a", X, with_box([-0.4, 2, 40.6, 12]))
    assert domain.y[0, 0, [0, 2]].tolist() == [0, 40]


def test_domains_with_boxes_are_taken_joined_and_reduced():
    domain = tl.Domain("a", X, GOOD, ("cat", "dog"))
    other = tl.Domain(
        "b", X[:1], [{"boxes": [[0, 0, 5, 5]] * 3, "labels": [0, 1, 1]}], ("cat", "dog")
    )
    whole = tl.Domain.joined(domain, other)
    assert whole.y.shape == (4, 3, 5)
    assert [len(t["labels"]) for t in whole.targets] == [2, 0, 1, 3]
    assert whole.domain_id.tolist() == [0, 0, 0, 1]
    dogs = domain.keep_classes(["dog"])
    assert [t["labels"].tolist() for t in dogs.targets] == [[0], [], [0]]
    assert np.array_equal(domain.take([2, 0]).y, domain.y[[2, 0]])


def test_a_pair_has_boxes_on_both_sides_or_classes_on_both():
    boxes, plain = (
        tl.Domain("a", X, GOOD, ("cat", "dog")),
        tl.Domain("b", X, [0, 1, 0], ("cat", "dog")),
    )
    with pytest.raises(
        ValueError, match=r"labels of one kind, got boxes in 'a' and one class an example in 'b'"
    ):
        tl.DomainPair(boxes, plain)
    assert tl.DomainPair(boxes, plain.without_labels()).has_boxes
    swapped = tl.Domain("b", X, GOOD, ("dog", "cat"))
    with pytest.raises(ValueError, match="same classes in the same order"):
        tl.DomainPair(boxes, swapped)
    one = tl.Domain("a", X, [{"boxes": [[0, 0, 9, 9]], "labels": [0]}] * 3, ("person",))
    assert tl.DomainPair(one, one).class_names == ("person",), "a detector may look for one class"


def test_labeled_images_of_the_target_show_every_class_and_are_nested():
    pair = tl.load_pair("clear->foggy", seed=0)
    two, five = (pair.with_target_labels(k, seed=3) for k in (2, 5))
    assert len(two.target_labeled) + len(two.target) == len(pair.target)
    for c in range(4):
        assert (two.target_labeled.y[..., 4] == c).any(1).sum() >= 2
    assert {x.tobytes() for x in two.target_labeled.x} <= {
        x.tobytes() for x in five.target_labeled.x
    }
    assert len({x.tobytes() for x in five.target_labeled.x}) == len(five.target_labeled)


# --- COCO's form


@pytest.fixture
def folder(tmp_path):
    for i, size in enumerate([(40, 20), (20, 20)]):
        Image.new("RGB", size, (10 * i, 0, 200)).save(tmp_path / f"{i}.png")
    held = {
        "images": [
            {"id": 7, "file_name": "0.png", "width": 40, "height": 20, "split": "train"},
            {"id": 9, "file_name": "1.png", "width": 20, "height": 20, "split": "test"},
        ],
        "annotations": [
            {"id": 0, "image_id": 7, "category_id": 5, "bbox": [10, 5, 20, 10], "iscrowd": 0},
            {"id": 1, "image_id": 7, "category_id": 5, "bbox": [0, 0, 5, 5], "iscrowd": 1},
        ],
        "categories": [{"id": 3, "name": "cat"}, {"id": 5, "name": "dog"}],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(held), "utf-8")
    return tmp_path, held


def test_cocos_form_is_read_with_its_boxes_stretched_to_the_square(folder):
    path, _ = folder
    domain = read_coco(path, size=32)
    assert domain.shape == (3, 32, 32)
    assert domain.class_names == ("cat", "dog")
    assert domain.targets[0]["boxes"].tolist() == [[8, 8, 24, 24]]
    assert domain.targets[0]["labels"].tolist() == [1]
    assert [len(t["labels"]) for t in domain.targets] == [1, 0]
    assert domain.x[0, :, 0, 0].tolist() == [0, 0, 200]
    assert len(read_coco(path, size=32, with_boxes=True)) == 1
    assert len(read_coco(path, size=32, split="train")) == 1


def test_a_broken_folder_says_what_lacks(folder):
    path, held = folder
    with pytest.raises(ValueError, match=r"split 'val', got \['test', 'train'\]"):
        read_coco(path, split="val")
    (path / "1.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"names the picture '1.png', and there is none"):
        read_coco(path)
    held["images"].pop()
    (path / "boxes.json").write_text(json.dumps(held), "utf-8")
    assert len(read_coco(path)) == 1, "the remedy works"
    (path / "boxes.json").write_text(json.dumps({"images": []}), "utf-8")
    with pytest.raises(ValueError, match=r"lacks \['annotations', 'categories'\]"):
        read_coco(path)
    (path / "boxes.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"must be JSON, and it is not"):
        read_coco(path)
    (path / "boxes.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"must hold boxes.json beside its pictures"):
        read_coco(path)


def test_the_real_folders_are_read(data_root):
    for name, n, classes in (("people_art_mini/cartoon", 60, 1), ("bccd_mini", 364, 3)):
        domain = read_coco(data_root / name, size=32)
        assert abs(len(domain) - n) < 10
        assert len(domain.class_names) == classes
        assert len(as_targets(domain.y)) == len(domain)


# --- the embedded scenes


def test_fog_is_thickest_at_the_top_and_none_at_density_zero():
    x = np.random.default_rng(0).random((2, 3, 16, 8), dtype=np.float32)
    assert np.array_equal(foggy(x, 0.0), x)
    hazy = foggy(x, 2.0)
    t = (hazy - FOG[:, None, None]) / (x - FOG[:, None, None])
    assert np.allclose(t[:, :, 0], np.exp(-2), atol=1e-3)
    assert np.allclose(t[:, :, -1], np.exp(-2 * NEAR), atol=1e-3)


def test_scenes_hold_bright_digits_in_their_boxes():
    pair = tl.load_pair("clear->foggy", seed=1, fog=0.0)
    for domain in (pair.source, pair.target):
        counts = [len(t["labels"]) for t in domain.targets]
        assert set(counts) == {1, 2, 3}
        boxes = np.concatenate([t["boxes"] for t in domain.targets])
        sides = boxes[:, 2:] - boxes[:, :2]
        assert sides.min() >= 3
        assert sides.max() <= 28
        for x, target in zip(domain.x[:40], domain.targets[:40], strict=True):
            for x1, y1, x2, y2 in target["boxes"].astype(int):
                inside = x[:, y1:y2, x1:x2].mean(0)
                assert inside.max() > 150
                for rim in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                    assert rim.max() > 60, "each side of a box touches ink"


def test_padding_holds_no_box():
    rows = padded([np.zeros((0, 5)), np.array([[1.0, 2, 3, 4, 0]])])
    assert rows.shape == (2, 1, 5)
    assert rows[:, 0, 4].tolist() == [-1, 0]
