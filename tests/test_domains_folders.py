"""A domain from one's own folder of images: classes, sizes, and every way a folder can be wrong."""

import re

import numpy as np
import pytest
from PIL import Image

from tltutor.domains import Domain


def save(path, colour=(255, 0, 0), size=(8, 8), mode="RGB", **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).convert(mode).save(path, **more)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pets"
    for k, label in enumerate(("cat", "dog")):
        for j in range(3):
            save(root / label / f"{j}.png", (100 * k + j, 0, 0))
    return root


def test_classes_are_the_sub_folders_in_order(folder):
    domain = Domain.from_folder(folder, size=6)
    assert domain.name == "pets"
    assert domain.class_names == ("cat", "dog")
    assert domain.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert domain.x.shape == (6, 3, 6, 6)
    assert domain.x.dtype == np.uint8
    assert domain.x[:, 0, 3, 3].tolist() == [0, 1, 2, 100, 101, 102]


def test_class_names_set_the_order_and_may_name_an_absent_class(folder):
    domain = Domain.from_folder(str(folder), size=4, class_names=["dog", "bird", "cat"], name="mine")
    assert domain.name == "mine"
    assert domain.class_names == ("dog", "bird", "cat")
    assert sorted(domain.y) == [0, 0, 0, 2, 2, 2]


def test_an_image_is_scaled_to_cover_and_cut_around_the_centre(tmp_path):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    (tmp_path / "a").mkdir()
    Image.fromarray(wide).save(tmp_path / "a/wide.png")
    assert (Domain.from_folder(tmp_path, size=10).x == 255).all()
    Image.fromarray(wide.transpose(1, 0, 2)).save(tmp_path / "a/wide.png")
    assert (Domain.from_folder(tmp_path, size=5).x[:, :, 1:-1] == 255).all()


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    ending = "tif" if mode == "CMYK" else "png"
    save(tmp_path / f"a/x.{ending}", (255, 255, 255), mode=mode)
    assert (Domain.from_folder(tmp_path, size=4).x == 255).all()


def test_a_photograph_taken_sideways_stands_upright(tmp_path):
    image = Image.new("RGB", (8, 8))
    image.paste((255, 255, 255), (0, 0, 8, 2))  # the stored top
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise: the stored top is on the right
    (tmp_path / "a").mkdir()
    image.save(tmp_path / "a/x.png", exif=exif)
    x = Domain.from_folder(tmp_path, size=8).x[0, 0]
    assert (x[:, 6:] == 255).all()
    assert (x[:, :6] == 0).all()


def test_hidden_files_and_files_that_are_no_images_are_passed_over(folder, recwarn):
    for name in ("notes.txt", ".hidden.png", "Thumbs.db"):
        (folder / "cat" / name).write_bytes(b"no image")
    (folder / ".cache").mkdir()
    assert len(Domain.from_folder(folder)) == 6
    assert not recwarn.list


def test_broken_images_are_named_counted_and_left_out(folder):
    (folder / "dog/0.png").write_bytes((folder / "dog/0.png").read_bytes()[:40])
    (folder / "cat/bad.jpg").write_bytes(b"no image")
    (folder / "cat/empty.png").touch()
    with pytest.warns(UserWarning, match="images in") as caught:
        domain = Domain.from_folder(folder)
    assert str(caught[0].message) == (
        f"3 of 8 images in {folder} cannot be read and were left out: cat/bad.jpg, cat/empty.png, dog/0.png"
    )
    assert caught[0].filename == __file__
    assert domain.y.tolist() == [0, 0, 0, 1, 1]


def test_many_broken_images_are_counted(folder):
    for k in range(7):
        (folder / f"cat/bad{k}.png").write_bytes(b"no image")
    with pytest.warns(UserWarning, match=r"7 of 13 images .* cat/bad4\.png and 2 more$"):
        Domain.from_folder(folder)


def test_no_such_folder(tmp_path):
    sentence = f"images must lie in a folder with one sub-folder a class, and there is none at {tmp_path / 'none'}"
    with pytest.raises(NotADirectoryError, match=re.escape(sentence)):
        Domain.from_folder(tmp_path / "none")


def test_images_without_class_folders(tmp_path):
    save(tmp_path / "a.png")
    sentence = f"a folder of images must have one sub-folder a class, and {tmp_path} has none (but 1 images): put"
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Domain.from_folder(tmp_path)


def test_class_folders_without_images(folder):
    for image in folder.rglob("*.png"):
        image.write_bytes(b"no image")
    sentence = f"the class folders of {folder} must hold at least one readable image, got 6 images, 6 of them broken"
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Domain.from_folder(folder)
    for image in folder.rglob("*.png"):
        image.unlink()
    with pytest.raises(ValueError, match="got 0 images, 0 of them broken"):
        Domain.from_folder(folder)


def test_a_sub_folder_that_is_no_class(folder):
    with pytest.raises(ValueError, match=r"is called 'dog': did you mean 'dogs'\? Known: cat, dogs"):
        Domain.from_folder(folder, class_names=("cat", "dogs"))


@pytest.mark.parametrize("size", [0, -3, 2.5, "8", True])
def test_a_size_is_a_whole_number_of_pixels(folder, size):
    with pytest.raises(ValueError, match=re.escape(f"size must be a whole number of pixels, 1 or more, got {size!r}")):
        Domain.from_folder(folder, size=size)
