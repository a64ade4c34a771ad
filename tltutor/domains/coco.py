"""Images with boxes from a folder in COCO's form: boxes.json beside the pictures that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.checks import listed
from tltutor.domains import boxes
from tltutor.domains.domain import Domain

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "boxes.json"


def read_coco(
    path: str | Path,
    *,
    size: int = 128,
    split: str | None = None,
    with_boxes: bool = False,
    name: str = "",
) -> Domain:
    """Read images (n, 3, size, size) uint8 and their boxes from a folder with pictures and a `boxes.json` (Lin et al., 2014).

    The aspect is not kept: pictures and boxes are stretched to a square. Classes are the file's categories in their order.
    Groups of objects in one box (iscrowd) are left out. split: take the images whose "split" is this. with_boxes: leave out
    images without a box. Errors: FileNotFoundError for no such file or picture, ValueError for another form, or no image.
    """
    folder = Path(path).expanduser()
    held = _read(folder / FILE)
    places = {c["id"]: k for k, c in enumerate(held["categories"])}
    found: dict[Any, list[list[float]]] = {image["id"]: [] for image in held["images"]}
    for one in held["annotations"]:
        if not one.get("iscrowd", 0):
            found[one["image_id"]].append([*one["bbox"], places[one["category_id"]]])
    images = [
        image
        for image in held["images"]
        if split in (None, image.get("split")) and (found[image["id"]] or not with_boxes)
    ]
    if not images:
        raise ValueError(
            f"{folder / FILE} must have an image of split {split!r}, got"
            f" {listed(sorted({str(image.get('split')) for image in held['images']}))}: name one of these, or none"
        )
    x = np.stack([_picture(folder / image["file_name"], size) for image in images])
    names = tuple(str(c["name"]) for c in held["categories"])
    y = [_target(found[image["id"]], image, size) for image in images]
    return Domain(name or folder.name, x, y, names)  # type: ignore[arg-type]


def _read(file: Path) -> Mapping[str, Any]:
    """Return what the file says. Errors: FileNotFoundError, ValueError."""
    if not file.is_file():
        raise FileNotFoundError(
            f"a folder in COCO's form must hold {FILE} beside its pictures, and {file} is missing: name the folder that holds it"
        )
    try:
        held: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{file} must be JSON, and it is not ({error}): export it anew in COCO's form"
        ) from None
    lacking = [
        part
        for part in ("images", "annotations", "categories")
        if not isinstance(held, dict) or part not in held
    ]
    if lacking:
        raise ValueError(
            f"{file} must have images, annotations and categories, and it lacks {listed(lacking)}: export it in COCO's form"
        )
    return held


def _picture(file: Path, size: int) -> np.ndarray:
    """Read a picture, stretched to (3, size, size) uint8."""
    from PIL import Image

    if not file.is_file():
        raise FileNotFoundError(
            f"{file.parent / FILE} names the picture {file.name!r}, and there is none at {file}: put it there, or take the image"
            f" out of {FILE}"
        )
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    return pixels.transpose(2, 0, 1)


def _target(rows: list[list[float]], image: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Return torchvision's target of boxes x, y, width, height, class, in pixels of the stretched picture."""
    array = np.array(rows, np.float64).reshape(-1, boxes.CORNERS + 1)
    corners = np.hstack([array[:, :2], array[:, :2] + array[:, 2:4]])
    whole = np.array([image["width"], image["height"]] * 2, np.float64)
    return {"boxes": corners * size / whole, "labels": array[:, 4].astype(int)}
