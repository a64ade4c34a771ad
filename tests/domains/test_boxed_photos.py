"""Pairs of pictures with boxes: made folders in COCO's form, what is missing, another staining, and the real ones."""

import json

import numpy as np
import pytest
from PIL import Image

from tltutor.domains import MissingSetError, load_pair
from tltutor.domains.boxed_photos import DENSER, restained

RNG = np.random.default_rng(0)


def write(folder, classes, color):
    """12 pictures, 4 of the test split, the last without a box; no two are alike."""
    folder.mkdir(parents=True)
    splits = [*["train"] * 6, "val", "val", *["test"] * 4]
    for i in range(12):
        pixels = RNG.integers(0, 40, (30, 40, 3)).astype(np.uint8) + color
        Image.fromarray(pixels).save(folder / f"{i}.png")
    images = [
        {"id": i, "file_name": f"{i}.png", "width": 40, "height": 30, "split": split}
        for i, split in enumerate(splits)
    ]
    boxes = [
        {"image_id": i, "category_id": k, "bbox": [4, 3, 20, 15]}
        for i in range(11)
        for k in range(len(classes))
    ]
    categories = [{"id": k, "name": name} for k, name in enumerate(classes)]
    held = {"images": images, "annotations": boxes, "categories": categories}
    (folder / "boxes.json").write_text(json.dumps(held), "utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    for k, name in enumerate(("photo", "cartoon")):
        write(root / "people_art_mini" / name, ("person",), 100 * k)
    write(root / "bccd_mini", ("RBC", "WBC"), 100)
    return root


def test_people_are_split_as_the_file_says_and_pictures_without_them_left_out(root):
    pair = load_pair("people-in-art", data_dir=root, size=64)
    assert [len(part) for part in pair.domains()] == [6, 6, 3, 3]
    assert pair.name == "photo->cartoon"
    assert pair.target.x.min() >= 95 > pair.source.x.max()
    assert pair.source.targets[0]["boxes"][0].tolist() == pytest.approx([6.4, 6.4, 38.4, 38.4])
    with pytest.raises(ValueError, match="different domains, got 'photo' twice"):
        load_pair("people-in-art", data_dir=root, target="photo")


def test_blood_is_halved_by_seed_and_the_target_restained(root):
    pair = load_pair("blood-cells", data_dir=root, seed=1, size=64)
    assert [len(part) for part in pair.domains()] == [4, 4, 2, 2]
    same = load_pair("blood-cells", data_dir=root, seed=1, size=64, stain=0)
    assert np.array_equal(pair.source.x, same.source.x)
    assert np.array_equal(pair.target.x, restained(same.target.x, 1.0))
    assert not {x.tobytes() for x in same.source.x} & {x.tobytes() for x in same.target.x}
    other = load_pair("blood-cells", data_dir=root, seed=2, size=64)
    assert not np.array_equal(pair.source.x, other.source.x)


def test_densities_are_multiplied():
    x = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16).repeat(3, 1)
    assert np.array_equal(restained(x, 0.0), x)
    found = restained(x, 1.0)
    for c in range(3):
        wanted = 255 * (x[0, c].astype(float) / 255) ** np.exp(DENSER[c])
        assert np.abs(found[0, c] - wanted).max() <= 0.51


def test_what_is_missing_is_said(tmp_path):
    for name, folder in (("people-in-art", "people_art"), ("blood-cells", "bccd")):
        with pytest.raises(MissingSetError, match=f"folder {folder} with pictures"):
            load_pair(name, data_dir=tmp_path)


def test_the_real_ones_are_pairs(data_root):
    people = load_pair("people-in-art", data_dir=data_root, target="Ukiyo-e", size=64)
    assert people.class_names == ("person",)
    assert min(map(len, people.domains())) >= 8
    blood = load_pair("blood-cells", data_dir=data_root, size=64)
    assert len(blood.class_names) == 3
    assert sum(map(len, blood.domains())) > 350
