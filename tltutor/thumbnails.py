"""Make small uint8 copies of images, for the map and for recordings."""

from __future__ import annotations

import numpy as np

LARGEST = 48  # pixels; larger images are shrunk, because a map shows hundreds of them


def thumbnails(images: np.ndarray, largest: int = LARGEST) -> np.ndarray:
    """Return images (n, c, h, w), c = 1 or 3, uint8 or float, as uint8 of at most `largest` pixels per side.

    Errors: ValueError for another shape.
    """
    pixels = as_bytes(images)
    if pixels.ndim != 4 or pixels.shape[1] not in (1, 3):
        raise ValueError(
            f"images must have 1 or 3 channels, got shape {pixels.shape}: pass them as (n, c, h, w)"
        )
    _, _, h, w = pixels.shape
    shrink = largest / max(h, w)
    if shrink >= 1 or not len(pixels):
        return pixels
    return np.stack(
        [_resized(one, max(1, round(w * shrink)), max(1, round(h * shrink))) for one in pixels]
    )


def _resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize one image (c, h, w)."""
    from PIL import Image

    image = Image.fromarray(
        pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
    )
    small = np.asarray(image.resize((width, height)))
    return small[None] if len(pixels) == 1 else small.transpose(2, 0, 1)


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Return images as uint8 0..255; floats outside 0..1 (normalized images) are rescaled from minimum to maximum."""
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    values = np.nan_to_num(images.astype(np.float32))
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if low < 0 or high > 1:
        values = (values - low) / max(high - low, 1e-12)
    return (values * 255 + 0.5).astype(np.uint8)
