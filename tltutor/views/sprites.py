"""Thumbnails for the map: all images of a look in one PNG sheet, so that they travel once."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

LARGEST = 48  # px; larger pictures are shrunk, since a sheet of hundreds must stay small


def sheet(images: np.ndarray, largest: int = LARGEST) -> tuple[bytes, int, int, int]:
    """PNG bytes, columns, width and height of a tile in px; images (n, c, h, w), uint8 or floats 0..1, c = 1 or 3.

    Floats outside 0..1 (normalised images) are stretched from their least to their greatest value.
    """
    pixels = as_bytes(images)
    n, c, h, w = pixels.shape
    if c not in (1, 3):
        raise ValueError(f"images must have 1 or 3 channels, got shape {images.shape}: pass them as (n, c, h, w)")
    shrink = min(1.0, largest / max(h, w))
    width, height = max(1, round(w * shrink)), max(1, round(h * shrink))
    columns = max(1, math.ceil(math.sqrt(n)))
    page = Image.new("RGB" if c == 3 else "L", (columns * width, max(1, math.ceil(n / columns)) * height))
    for i, pixel in enumerate(pixels):
        tile = Image.fromarray(pixel.transpose(1, 2, 0) if c == 3 else pixel[0])
        page.paste(tile.resize((width, height)) if shrink < 1 else tile, (i % columns * width, i // columns * height))
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue(), columns, width, height


def as_bytes(images: np.ndarray) -> np.ndarray:
    """The images as uint8 0..255."""
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    values = np.nan_to_num(images.astype(np.float32))
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if low < 0 or high > 1:
        values = (values - low) / max(high - low, 1e-12)
    return (values * 255 + 0.5).astype(np.uint8)
