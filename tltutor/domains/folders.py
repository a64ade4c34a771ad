"""Images and labels from a folder with a sub-folder for each class; what is passed over or changed is named in one warning."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.checks import WHITE, as_class_names, readable, warn
from tltutor.settings import check_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

NAMED = 5  # files named in a warning; the others are counted
SYSTEM_FILES = {
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
}  # written by file browsers: never data, never named
LEFTOVERS = {"__macosx"}  # folders that unpacking an archive leaves behind
DEEP = -1_000_000  # a depth from which no sub-folder is worth a note
WIDE_MODES = (
    "I",
    "F",
)  # Pillow's gray images of more than 8 bits: 16- and 32-bit whole numbers, floats
WHITES = (
    255,
    65535,
)  # what is white in an image of more than 8 bits (1 in floats): the first that is bright enough


def read_folder(
    path: str | Path, *, size: int = 64, class_names: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read images x (n, 3, size, size) uint8, labels y (n,) int64 and k class names from path/CLASS/IMAGE.

    Classes are the sub-folders in natural order (2 before 10), or `class_names` in that order; images in folders within a
    class folder belong to its class. Images are rotated upright, scaled to cover a square and cropped around the center.
    Gray images of 16 bits, 32 bits or floats are scaled to 0..255, transparent pixels become white, and an image of
    several pages or frames gives its first.
    Errors: NotADirectoryError for no such folder, ValueError for no class, an unknown class or no readable image.
    Warns (UserWarning) once, with all that was passed over, changed or cannot be read.
    """
    folder, size = Path(path).expanduser(), _check_size(size)
    notes = Notes(folder)
    classes = _class_folders(folder, notes)
    names = _class_names(folder, tuple(classes), class_names)
    files = [
        (file, k)
        for k, name in enumerate(names)
        for place in classes.get(name, ())
        for file in _image_files(place, notes)
    ]
    images = [_read(file, size, notes) for file, _ in files]
    read = [(image, k) for image, (_, k) in zip(images, files, strict=True) if image is not None]
    if not read:
        raise ValueError(
            f"the class folders of {readable(folder)} must hold at least one readable image, got {len(files)} images,"
            f" {len(files)} of them broken: add images, such as .png or .jpg"
        )
    y = np.array([k for _, k in read], dtype=np.int64)
    notes.add(
        "class folders without a readable image",
        *(classes[names[k]][0] for k in _unseen(y, names, classes)),
    )
    notes.warn(len(files))
    return _as_bytes([image for image, _ in read]), y, names


def read_images(path: str | Path, *, size: int = 64) -> np.ndarray:
    """Read all images (n, 3, size, size) uint8 of a folder and the folders in it, which say nothing: images without labels.

    Images are treated as in `read_folder`. Errors: NotADirectoryError for no such folder, ValueError for no readable image.
    Warns (UserWarning) as `read_folder` does.
    """
    folder, size = Path(path).expanduser(), _check_size(size)
    _check_folder(folder)
    notes = Notes(folder)
    files = list(_image_files(folder, notes, DEEP))
    images = [image for file in files if (image := _read(file, size, notes)) is not None]
    if not images:
        raise ValueError(
            f"{readable(folder)} must hold at least one readable image, got {len(files)} images, {len(files)} of them broken:"
            " add images, such as .png or .jpg"
        )
    notes.warn(len(files))
    return _as_bytes(images)


@dataclass
class Notes:
    """What a warning has to say of the files below `folder`: a list of paths for each kind of finding."""

    folder: Path
    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, *paths: Path) -> None:
        """Note that `what` is true of these paths."""
        for path in paths:
            self.found.setdefault(what, []).append(
                readable(path.relative_to(self.folder).as_posix())
            )

    def warn(self, images: int) -> None:
        """Say everything in one warning, if there is anything to say."""
        parts = [f"{what}: {len(paths)}, {_first(paths)}" for what, paths in self.found.items()]
        if parts:
            warn(f"in {readable(self.folder)}, which has {images} images: {'; '.join(parts)}")


def _first(paths: list[str]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return f"{', '.join(paths[:NAMED])}{more}"


# Which folders are classes, and which files are images


def _class_folders(folder: Path, notes: Notes) -> dict[str, list[Path]]:
    """The folders of each class by its readable name, in natural order; two folders may have one name in two encodings."""
    _check_folder(folder)
    classes: dict[str, list[Path]] = {}
    stray = []
    for place in sorted(folder.iterdir()):
        if not place.is_dir():
            stray.append(place)
        elif place.name.startswith(".") or place.name.lower() in LEFTOVERS:
            notes.add("hidden folders or an archive's leftovers, passed over", place)
        else:
            classes.setdefault(readable(place.name), []).append(place)
            if readable(place.name) != place.name:
                notes.add("class folders that got a readable name", place)
    if not classes:
        raise ValueError(
            f"a folder of images must have one sub-folder a class, and {readable(folder)} has none"
            f" (but {sum(map(_is_image, stray))} images): put the images of each class into a sub-folder with its name"
        )
    notes.add(
        "files beside the class folders, passed over",
        *(file for file in stray if not _is_system(file)),
    )
    _note_similar(classes, notes)
    return {name: classes[name] for name in sorted(classes, key=_natural)}


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        hint = "unpack it first" if folder.is_file() else "check the path"
        raise NotADirectoryError(
            f"images must lie in a folder with one sub-folder a class, and there is none at {readable(folder)}: {hint}"
        )


def _note_similar(classes: dict[str, list[Path]], notes: Notes) -> None:
    """Note class folders whose names differ only in upper and lower case or in spaces."""
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault("".join(name.casefold().split()), []).append(name)
    for names in alike.values():
        if len(names) > 1:
            notes.add(
                "class folders that differ only in case or spaces",
                *(classes[name][0] for name in names),
            )


def _class_names(
    folder: Path, found: tuple[str, ...], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    if wanted is None:
        return found
    names = as_class_names(wanted)
    for label in found:
        check_name(
            label, names, what=f"class (of class_names, for the sub-folders of {readable(folder)})"
        )
    return names


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts the numbers in names by their value: "2" before "10"."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in re.split(r"(\d+)", name)
    ]


def _image_files(folder: Path, notes: Notes, depth: int = 0) -> Iterator[Path]:
    """The images below a class folder, by name; other files are noted."""
    for place in sorted(folder.iterdir()):
        hidden = place.name.startswith(".")
        if place.is_dir():
            if hidden or place.name.lower() in LEFTOVERS:
                notes.add("hidden folders or an archive's leftovers, passed over", place)
            elif place.is_symlink():
                notes.add("links to folders, passed over", place)
            else:
                yield from _image_files(place, notes, depth + 1)
        elif hidden and not _is_system(place):
            notes.add("hidden files, passed over", place)
        elif _is_image(place):
            if depth > 0:
                notes.add(
                    "images in folders within a class folder, taken for its class (give a deeper path if those folders are the classes)",
                    place,
                )
            yield place
        elif not _is_system(place):
            notes.add("files that are no images by their suffix, passed over", place)


def _is_image(file: Path) -> bool:
    from PIL import Image

    return file.suffix.lower() in Image.registered_extensions()


def _is_system(file: Path) -> bool:
    return file.name.lower() in SYSTEM_FILES


def _unseen(y: np.ndarray, names: tuple[str, ...], classes: dict[str, list[Path]]) -> list[int]:
    """The classes that have a folder, and no image in it."""
    return [k for k in sorted(set(range(len(names))) - set(y.tolist())) if names[k] in classes]


def _check_size(size: Any) -> int:
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"size must be a whole number of pixels, 1 or more, got {size!r}")
    return int(size)


# One image


@dataclass(frozen=True)
class Wide:
    """A gray image of more than 8 bits: the square (size, size) float32, its whole range, and whether it held floats."""

    square: np.ndarray
    low: float
    high: float
    floats: bool


def _read(file: Path, size: int, notes: Notes) -> np.ndarray | Wide | None:
    """The image as (3, size, size) uint8, or one of more than 8 bits; None if it cannot be decoded."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            upright = ImageOps.exif_transpose(image)
            if getattr(image, "n_frames", 1) > 1:
                notes.add("images of several pages or frames, of which the first was taken", file)
            return (
                _wide(upright, size, file, notes)
                if upright.mode.startswith(WIDE_MODES)
                else _rgb(upright, size, file, notes)
            )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        notes.add("images that cannot be read, left out", file)
        return None


def _rgb(image: Image.Image, size: int, file: Path, notes: Notes) -> np.ndarray:
    from PIL import Image, ImageOps

    if image.has_transparency_data:
        image = image.convert("RGBA")
        if np.asarray(image)[..., 3].min() < WHITE:
            notes.add(
                "images with transparent pixels, laid on white (on black where white hides all)",
                file,
            )
        image = _opaque(image)
    square = ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.BICUBIC)
    return np.asarray(square).transpose(2, 0, 1)


def _opaque(image: Image.Image) -> Image.Image:
    """An RGBA image laid on white, or on black if nothing of it can be seen on white."""
    from PIL import Image

    on_white, on_black = (
        Image.alpha_composite(Image.new("RGBA", image.size, ground), image)
        for ground in ("white", "black")
    )
    pixels = np.asarray(on_white)
    return on_black if (pixels == pixels[0, 0]).all() else on_white


def _wide(image: Image.Image, size: int, file: Path, notes: Notes) -> Wide:
    from PIL import Image, ImageOps

    values = np.asarray(image).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("NaN or infinity")
    notes.add("images of more than 8 bits, scaled to 0..255", file)
    square = ImageOps.fit(Image.fromarray(values), (size, size), Image.Resampling.BICUBIC)
    return Wide(np.asarray(square), float(values.min()), float(values.max()), image.mode == "F")


def _as_bytes(images: list[np.ndarray | Wide]) -> np.ndarray:
    """All images (n, 3, size, size) uint8; those of more than 8 bits on one scale, so that bright stays brighter than dark."""
    scales = {
        floats: _scale([i for i in images if isinstance(i, Wide) and i.floats == floats])
        for floats in (False, True)
    }
    out = []
    for image in images:
        if isinstance(image, Wide):
            black, white = scales[image.floats]
            gray = (
                np.round((image.square - black) / (white - black) * WHITE)
                .clip(0, WHITE)
                .astype(np.uint8)
            )
            out.append(np.repeat(gray[None], 3, axis=0))
        else:
            out.append(image)
    return np.stack(out)


def _scale(images: list[Wide]) -> tuple[float, float]:
    """What is black and what is white in images of more than 8 bits."""
    if not images:
        return 0.0, 1.0
    black = min([0.0, *(image.low for image in images)])
    highest = max(image.high for image in images)
    whites = (1, *WHITES) if images[0].floats else WHITES
    return black, next((float(white) for white in whites if highest <= white), highest)
