"""A domain from a folder of images: classes, sizes, depths of color, and every way a folder can be wrong."""

import os
import re
import unicodedata

import numpy as np
import pytest
from PIL import Image

from tltutor.domains import Domain, DomainPair


def save(path, color=(255, 0, 0), size=(8, 8), mode="RGB", **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).convert(mode).save(path, **more)


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
    domain = Domain.from_folder(
        str(folder), size=4, class_names=["dog", "bird", "cat"], name="mine"
    )
    assert domain.name == "mine"
    assert domain.class_names == ("dog", "bird", "cat")
    assert sorted(domain.y) == [0, 0, 0, 2, 2, 2]


def test_an_image_is_scaled_to_cover_and_cropped_around_the_center(tmp_path):
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


def said_of(folder, **options):
    """The domain of the folder, and the one warning about it."""
    with pytest.warns(UserWarning, match="images: ") as caught:
        domain = Domain.from_folder(folder, **options)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return domain, str(caught[0].message)


def test_files_of_the_file_browser_are_no_news(folder):
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini"):
        (folder / "cat" / name).write_bytes(b"no image")
        (folder / name).write_bytes(b"no image")
    assert len(Domain.from_folder(folder)) == 6  # a warning would be an error here


def test_all_that_is_passed_over_is_counted_and_named_in_one_warning(folder):
    for name in ("notes.txt", ".hidden.png", "0001"):
        (folder / "cat" / name).write_bytes(b"no image")
    save(folder / ".cache/1.png")
    save(folder / "beside.png")
    (folder / "bird").mkdir()
    domain, said = said_of(folder)
    assert len(domain) == 6
    assert domain.class_names == ("bird", "cat", "dog")
    for part in (
        "files that are no images by their suffix, passed over: 2, cat/0001, cat/notes.txt",
        "hidden files, passed over: 1, cat/.hidden.png",
        "leftovers, passed over: 1, .cache",
        "files beside the class folders, passed over: 1, beside.png",
        "class folders without a readable image: 1, bird",
    ):
        assert part in said


def test_what_an_archive_leaves_behind_is_no_class(folder):
    for name in ("cat", "dog"):
        (folder / "__MACOSX" / name).mkdir(parents=True)
        (folder / "__MACOSX" / name / "._1.png").write_bytes(b"x")
        (folder / name / "__MACOSX").mkdir()
        (folder / name / "._0.png").write_bytes(b"x")
    domain, said = said_of(folder)
    assert domain.class_names == ("cat", "dog")
    assert "leftovers, passed over: 3, __MACOSX, cat/__MACOSX, dog/__MACOSX" in said
    assert "hidden files, passed over: 2" in said


def test_images_in_folders_within_a_class_folder_are_of_its_class(folder):
    save(folder / "cat/day2/7.png")
    save(folder / "dog/a/b/8.png")
    domain, said = said_of(folder)
    assert np.bincount(domain.y).tolist() == [4, 4]
    assert (
        "taken for its class (give a deeper path if those folders are the classes): 2, cat/day2/7.png, dog/a/b/8.png"
        in said
    )
    domain, said = said_of(folder.parent)  # one level too high: all are "pets"
    assert domain.class_names == ("pets",)
    assert "give a deeper path" in said
    (folder / "loop").symlink_to(folder)
    (folder / "cat/loop").symlink_to(folder)
    assert "links to folders, passed over" in said_of(folder)[1]


def test_broken_images_are_named_counted_and_left_out(folder):
    (folder / "dog/0.png").write_bytes((folder / "dog/0.png").read_bytes()[:40])
    (folder / "cat/bad.jpg").write_bytes(b"no image")
    (folder / "cat/empty.png").touch()
    domain, said = said_of(folder)
    assert (
        said
        == f"in {folder}, which has 8 images: images that cannot be read, left out: 3, cat/bad.jpg, cat/empty.png, dog/0.png"
    )
    assert domain.y.tolist() == [0, 0, 0, 1, 1]


def test_many_broken_images_are_counted(folder):
    for k in range(7):
        (folder / f"cat/bad{k}.png").write_bytes(b"no image")
    assert said_of(folder)[1].endswith(
        "left out: 7, cat/bad0.png, cat/bad1.png, cat/bad2.png, cat/bad3.png, cat/bad4.png and 2 more"
    )


# Depth, transparency, pages


def save_array(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def test_images_of_more_than_8_bits_keep_their_ramp(tmp_path):
    ramp = np.linspace(1000, 60000, 256).reshape(16, 16)
    for number, (array, suffix, white) in enumerate(
        (
            (ramp.astype(np.uint16), "png", 65535),
            (ramp.astype(np.int32), "tif", 65535),
            ((ramp / 65535).astype(np.float32), "tif", 1),
            ((ramp / 257).astype(np.float32), "tif", 255),
            (ramp.astype(np.float32), "tif", 65535),
            (ramp.astype(np.int32) * 1000, "tif", ramp.astype(np.int32).max() * 1000),
        )
    ):
        save_array(tmp_path / str(number) / "x" / f"a.{suffix}", array)
        domain, said = said_of(tmp_path / str(number), size=16)
        wanted = array.astype(float) / white * 255
        for channel in domain.x[0]:
            assert np.abs(channel - wanted).max() <= 0.51
        assert "more than 8 bits, scaled to 0..255: 1, x/a" in said


def test_images_of_more_than_8_bits_share_one_scale_and_broken_floats_are_left_out(tmp_path):
    for name, value in (("dark", 0.25), ("bright", 100.0), ("nan", np.nan)):
        save_array(tmp_path / f"x/{name}.tif", np.full((4, 4), value, np.float32))
    save(tmp_path / "x/plain.png", (9, 9, 9))
    domain, said = said_of(tmp_path, size=4)
    assert domain.x[:, 0, 0, 0].tolist() == [100, 0, 9]  # bright, dark, plain: white is 255
    assert "cannot be read, left out: 1, x/nan.tif" in said
    save_array(tmp_path / "x/dark.tif", np.full((4, 4), -155, np.float32))
    assert said_of(tmp_path, size=4)[0].x[:, 0, 0, 0].tolist() == [
        round(255 / 410 * 255),
        0,
        9,
    ]  # black is the darkest


def test_transparent_pixels_are_white_or_black_where_white_hides_all(tmp_path):
    for mode in ("RGBA", "LA", "P"):
        for ink, ground in ((0, 255), (255, 0)):
            image = Image.new("LA", (16, 16), (ink, 0))
            image.paste((ink, 255), (4, 4, 12, 12))
            path = tmp_path / f"{mode}{ink}" / "x" / "digit.png"
            path.parent.mkdir(parents=True)
            image.convert("RGBA").convert(mode).save(path)
            if mode == "P":
                palette = Image.new("P", (16, 16), 0)
                palette.putpalette([7, 7, 7, ink, ink, ink])
                palette.paste(1, (4, 4, 12, 12))
                palette.save(path, transparency=0)
            domain, said = said_of(tmp_path / f"{mode}{ink}", size=16)
            assert domain.x[0, :, 8, 8].tolist() == [ink] * 3
            assert domain.x[0, :, 0, 0].tolist() == [ground] * 3
            assert "transparent pixels, laid on white" in said


def test_the_first_page_of_several_is_taken(tmp_path):
    (tmp_path / "x").mkdir()
    pages = [Image.new("L", (8, 8), value) for value in (50, 150)]
    for name in ("pages.tif", "moving.gif"):
        pages[0].save(tmp_path / "x" / name, save_all=True, append_images=pages[1:])
    domain, said = said_of(tmp_path, size=8)
    assert domain.x[:, 0, 0, 0].tolist() == [50, 50]
    assert (
        "several pages or frames, of which the first was taken: 2, x/moving.gif, x/pages.tif"
        in said
    )


# Names of classes


def test_classes_are_in_natural_order(tmp_path):
    for k in (10, 2, 1, 11, 0):
        save(tmp_path / "plain" / str(k) / "1.png")
        save(tmp_path / "words" / f"class {k}" / "1.png")
    assert Domain.from_folder(tmp_path / "plain", size=4).class_names == ("0", "1", "2", "10", "11")
    assert Domain.from_folder(tmp_path / "words", size=4).class_names == tuple(
        f"class {k}" for k in (0, 1, 2, 10, 11)
    )


def test_an_accent_in_either_normal_form_is_one_class(tmp_path):
    for number, forms in enumerate((("NFC",), ("NFD",), ("NFC", "NFD"))):
        for form in forms:
            save(tmp_path / str(number) / unicodedata.normalize(form, "caf\u00e9") / f"{form}.png")
            save(tmp_path / str(number) / "the" / "1.png")
    one = Domain.from_folder(tmp_path / "0", size=4)
    other, said = said_of(tmp_path / "1", size=4)
    assert one.class_names == other.class_names == DomainPair(one, other).class_names
    assert "got a readable name: 1" in said
    assert np.bincount(said_of(tmp_path / "2", size=4)[0].y).tolist() == [2, 1]


def test_a_name_in_another_encoding_is_written_readably(tmp_path):
    for name in (b"caf\xe9", b"caf\xe8", b"the"):
        folder = tmp_path / os.fsdecode(name)
        try:
            folder.mkdir()
        except OSError:  # a file system that takes UTF-8 alone never holds such a name
            return
        Image.new("RGB", (8, 8)).save(folder / "1.png")
    domain, said = said_of(tmp_path, size=4)
    assert domain.class_names == ("caf\\xe8", "caf\\xe9", "the")
    assert "class folders that got a readable name: 2, caf\\xe8, caf\\xe9" in said
    for text in (*domain.class_names, said):
        text.encode("utf-8")


def test_folders_that_differ_in_case_or_spaces_are_named(tmp_path):
    for name in ("Cat", "cat", "dog"):
        save(tmp_path / name / "1.png")
    if len(list(tmp_path.iterdir())) == 3:  # not where a file system knows no case
        assert "differ only in case or spaces: 2, Cat, cat" in said_of(tmp_path, size=4)[1]
    save(tmp_path / "spaces" / "dog " / "1.png")
    save(tmp_path / "spaces" / "cat" / "1.png")
    assert said_of(tmp_path / "spaces", size=4)[0].class_names == ("cat", "dog")


# What a folder must have


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
    with pytest.raises(
        ValueError, match=r"is called 'dog': did you mean 'dogs'\? Known: cat, dogs"
    ):
        Domain.from_folder(folder, class_names=("cat", "dogs"))


@pytest.mark.parametrize("size", [0, -3, 2.5, "8", True])
def test_a_size_is_a_whole_number_of_pixels(folder, size):
    with pytest.raises(
        ValueError,
        match=re.escape(f"size must be a whole number of pixels, 1 or more, got {size!r}"),
    ):
        Domain.from_folder(folder, size=size)
