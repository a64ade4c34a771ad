"""A domain from a folder of images, a sub-folder for each class; unreadable images are named, counted and left out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.settings import check_name

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 5  # broken images named in a warning; the others are counted


def domain_from_folder(
    path: str | Path, *, size: int = 64, class_names: Sequence[str] | None = None, name: str | None = None
) -> Domain:
    """Images (n, 3, size, size) uint8 from path/CLASS/IMAGE, scaled to cover a square and cut around the centre.

    Classes are the sub-folders by name, or those of `class_names` in that order. Hidden files, and files that by their
    ending are no images, are passed over.
    Errors: NotADirectoryError for no such folder, ValueError for no classes or no readable image.
    Warns (UserWarning) about images that cannot be read.
    """
    folder = Path(path).expanduser()
    names = _class_names(folder, class_names)
    size = _check_size(size)
    files = [(file, k) for k, label in enumerate(names) for file in _image_files(folder / label)]
    images = [_read(file, size) for file, _ in files]
    broken = [str(file.relative_to(folder)) for (file, _), image in zip(files, images, strict=True) if image is None]
    if len(broken) == len(files):
        raise ValueError(
            f"the class folders of {folder} must hold at least one readable image, got {len(files)} images,"
            f" {len(broken)} of them broken: add images, such as .png or .jpg"
        )
    if broken:
        warnings.warn(_broken_text(folder, broken, len(files)), UserWarning, stacklevel=3)
    x = np.stack([image for image in images if image is not None])
    y = np.array([k for (_, k), image in zip(files, images, strict=True) if image is not None])
    return Domain(name or folder.resolve().name, x, y, names)


def _class_names(folder: Path, wanted: Sequence[str] | None) -> tuple[str, ...]:
    if not folder.is_dir():
        raise NotADirectoryError(
            f"images must lie in a folder with one sub-folder a class, and there is none at {folder}: check the path"
        )
    found = tuple(sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")))
    if not found:
        raise ValueError(
            f"a folder of images must have one sub-folder a class, and {folder} has none"
            f" (but {len(_image_files(folder))} images):"
            " put the images of each class into a sub-folder with its name"
        )
    if wanted is None:
        return found
    for label in found:
        check_name(label, tuple(wanted), what=f"class (of class_names, for the sub-folders of {folder})")
    return tuple(wanted)


def _check_size(size: Any) -> int:
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"size must be a whole number of pixels, 1 or more, got {size!r}")
    return int(size)


def _image_files(folder: Path) -> list[Path]:
    """The files that by their ending are images, by name; none where there is no such folder."""
    from PIL import Image

    endings = Image.registered_extensions()
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [f for f in files if f.is_file() and not f.name.startswith(".") and f.suffix.lower() in endings]


def _read(file: Path, size: int) -> np.ndarray | None:
    """The image as (3, size, size) uint8, upright; None if it cannot be decoded."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    square = ImageOps.fit(upright, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(square).transpose(2, 0, 1)


def _broken_text(folder: Path, broken: list[str], of: int) -> str:
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return f"{len(broken)} of {of} images in {folder} cannot be read and were left out: {', '.join(broken[:NAMED])}{more}"
