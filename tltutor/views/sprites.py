"""All thumbnails of a look in one PNG sheet, so that they travel once."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from tltutor.thumbnails import LARGEST, thumbnails


def sheet(images: np.ndarray, largest: int = LARGEST) -> tuple[bytes, int, int, int]:
    """PNG bytes, columns, width and height of a tile in px; images (n, c, h, w), uint8 or floats, c = 1 or 3."""
    small = thumbnails(images, largest)
    n, c, height, width = small.shape
    columns = max(1, math.ceil(math.sqrt(n)))
    page = Image.new(
        "RGB" if c == 3 else "L", (columns * width, max(1, math.ceil(n / columns)) * height)
    )
    for i, pixel in enumerate(small):
        tile = Image.fromarray(
            pixel[0] if c == 1 else np.ascontiguousarray(pixel.transpose(1, 2, 0))
        )
        page.paste(tile, (i % columns * width, i // columns * height))
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue(), columns, width, height
