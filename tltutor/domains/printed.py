"""Printed digits and letters, drawn in the fonts that Matplotlib includes, in many sizes, slants and positions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tltutor.domains.domain import Domain

if TYPE_CHECKING:
    from PIL import Image, ImageFont

FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique",
    "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic",
    "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta",
    "cmr10", "cmb10", "cmss10", "cmtt10", "cmti10",
)  # fmt: skip
DIGITS = tuple("0123456789")
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
GLYPH = 64  # height in pixels at which a glyph is drawn once, before it is shrunk to the image
MAX_FILL = 0.92  # share of the image that a character may fill


def printed_digits(n: int = 1300, *, size: int = 28, channels: int = 1, seed: int = 0) -> Domain:
    """Draw printed digits as images (n, channels, size, size) uint8, bright on black, every class equally often."""
    return _printed("printed", DIGITS, n, size=size, channels=channels, seed=seed)


def printed_letters(n: int = 2600, *, size: int = 28, channels: int = 1, seed: int = 0) -> Domain:
    """Draw printed capitals A-Z as images (n, channels, size, size) uint8: 26 classes, a larger source task to pretrain on."""
    return _printed("printed-letters", LETTERS, n, size=size, channels=channels, seed=seed)


def _printed(
    name: str, alphabet: tuple[str, ...], n: int, *, size: int, channels: int, seed: int
) -> Domain:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % len(alphabet))
    x = np.stack([_draw(alphabet[k], rng, size) for k in y])[:, None]
    return Domain(name, np.repeat(x, channels, axis=1), y, alphabet)


def _draw(character: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """One image (size, size) uint8: a random font, height, width, slant, small rotation and position, never cropped."""
    from PIL import Image

    glyph = _glyph(FONTS[rng.integers(len(FONTS))], character)
    big = 2 * size  # drawn at twice the size, then halved, so that edges are smooth
    height, width, slant, turn = rng.uniform(
        (0.60, 0.85, -0.25, -0.14), (0.85, 1.15, 0.25, 0.14)
    )  # turn in radians
    box = np.array(
        [glyph.width * width + (abs(slant) + abs(turn)) * GLYPH, GLYPH + abs(turn) * glyph.width]
    )
    scale = max(GLYPH / (height * big), *box / (MAX_FILL * big))  # glyph pixels per image pixel
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    back = (
        scale * np.array([[1 / width, slant / width], [0, 1]]) @ rotation
    )  # image -> glyph, about both centers
    room = np.clip((MAX_FILL * big - box / scale) / 2, 0, 0.08 * big)
    shift = np.array([glyph.width, glyph.height]) / 2 - back @ (big / 2 + rng.uniform(-room, room))
    coefficients = (*back[0], shift[0], *back[1], shift[1])
    image = glyph.transform(
        (big, big), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(image.resize((size, size), Image.Resampling.BOX))


@lru_cache(maxsize=1024)
def _glyph(font: str, character: str) -> Image.Image:
    """The character, cropped to its ink, GLYPH pixels high, white on black with a black rim."""
    from PIL import Image, ImageDraw, ImageOps

    drawn = Image.new("L", (4 * GLYPH, 4 * GLYPH))
    ImageDraw.Draw(drawn).text((GLYPH, GLYPH), character, fill=255, font=_font(font))
    ink = drawn.crop(drawn.getbbox())
    width = max(1, round(ink.width * GLYPH / ink.height))
    return ImageOps.expand(ink.resize((width, GLYPH), Image.Resampling.LANCZOS), border=2)


@lru_cache(maxsize=64)
def _font(name: str) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl
    from PIL import ImageFont

    return ImageFont.truetype(
        str(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), 2 * GLYPH
    )
