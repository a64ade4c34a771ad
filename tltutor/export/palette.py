"""The classes' colors in exports: those of the board's light theme."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hls_to_rgb

import numpy as np

# Okabe and Ito (2008) first; see the board's colors for the rest. A test keeps both lists equal.
LIGHT = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#222222", "#7B4247"),
    *("#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"),
)
UNKNOWN = "#8c8c8c"  # of a point without a label
INK, QUIET, RULE = "#1c2026", "#5c646e", "#d5dae0"  # of text, of secondary text, of lines


def palette(count: int) -> list[str]:
    """Return `count` colors; beyond sixteen the hue advances by the golden angle, saturation and lightness alternate."""
    return [LIGHT[i] if i < len(LIGHT) else _generated(i) for i in range(count)]


def _generated(i: int) -> str:
    hue, saturation, lightness = (
        round(i * 137.508) % 360,
        (0.75, 0.45, 0.90)[i % 3],
        (0.42, 0.28, 0.55)[i % 3],
    )
    return "#" + "".join(
        f"{round(255 * part):02X}" for part in hls_to_rgb(hue / 360, lightness, saturation)
    )


def rgb(color: str) -> tuple[int, int, int]:
    """Return a color #RRGGBB as numbers 0..255."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


class Indexed:
    """A palette of at most 256 colors for pictures of `colors` on white: white, each color and its blends with white.

    It is the same for every picture, so that nothing flickers. White and the colors themselves are exact.
    """

    def __init__(self, colors: Sequence[str]) -> None:
        known = list(dict.fromkeys(colors))[:255]
        levels = min(255 // len(known), 12)
        inks = np.array([rgb(color) for color in known], dtype=np.float32)
        shares = (
            1 - np.arange(levels, dtype=np.float32)[:, None, None] / levels
        )  # 1 is the color itself
        blends = (255 + shares * (inks - 255)).reshape(-1, 3)
        self.table = np.vstack([[(255, 255, 255)], np.rint(blends)]).astype(np.uint8)  # (k, 3)
        self._nearest = self._look_up(len(known))

    def _look_up(self, exact: int) -> np.ndarray:
        """Return the nearest table row for each color of five bits per channel, (32768,); exact for the colors themselves."""
        bins = (np.indices((32, 32, 32)).reshape(3, -1).T * 8 + 4).astype(np.float32)
        table = self.table.astype(np.float32)
        nearest = ((table**2).sum(axis=1) - 2 * bins @ table.T).argmin(axis=1)
        rows: np.ndarray = nearest.astype(np.uint8)
        for row in reversed(range(exact + 1)):
            rows[_bin(self.table[row])] = row
        return rows

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Return the table row (h, w) uint8 of each pixel of an image (h, w, 3) uint8."""
        found: np.ndarray = self._nearest[_bin(pixels)]
        return found


def _bin(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(pixels.astype(np.int64) >> 3, -1, 0)
    found: np.ndarray = red << 10 | green << 5 | blue
    return found
