"""The colours of the classes on paper: the board's own, in its light theme."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hls_to_rgb

import numpy as np

# Okabe and Ito (2008) first; see the board's colours for the rest. A test holds both lists equal.
LIGHT = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#222222", "#7B4247"),
    *("#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"),
)
UNKNOWN = "#8c8c8c"  # of a point without a label
INK, QUIET, RULE = "#1c2026", "#5c646e", "#d5dae0"  # of words, of lesser words, of lines


def palette(count: int) -> list[str]:
    """`count` colours; beyond sixteen the hue turns by the golden angle and saturation and lightness alternate."""
    return [LIGHT[i] if i < len(LIGHT) else _turned(i) for i in range(count)]


def _turned(i: int) -> str:
    hue, saturation, lightness = round(i * 137.508) % 360, (0.75, 0.45, 0.90)[i % 3], (0.42, 0.28, 0.55)[i % 3]
    return "#" + "".join(f"{round(255 * part):02X}" for part in hls_to_rgb(hue / 360, lightness, saturation))


def rgb(colour: str) -> tuple[int, int, int]:
    """A colour #RRGGBB as numbers 0..255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


class Indexed:
    """At most 256 colours for pictures of `colours` on white: white first, then each colour and its blends with white.

    The same for every picture, so that nothing flickers; white and the colours themselves are kept as they are.
    """

    def __init__(self, colours: Sequence[str]) -> None:
        known = list(dict.fromkeys(colours))[:255]
        levels = min(255 // len(known), 12)
        inks = np.array([rgb(colour) for colour in known], dtype=np.float32)
        shares = 1 - np.arange(levels, dtype=np.float32)[:, None, None] / levels  # 1 is the colour itself
        blends = (255 + shares * (inks - 255)).reshape(-1, 3)
        self.table = np.vstack([[(255, 255, 255)], np.rint(blends)]).astype(np.uint8)  # (k, 3)
        self._nearest = self._look_up(len(known))

    def _look_up(self, exact: int) -> np.ndarray:
        """The table's row nearest to each colour of five bits a channel, (32768,); the colours themselves have their own."""
        bins = (np.indices((32, 32, 32)).reshape(3, -1).T * 8 + 4).astype(np.float32)
        table = self.table.astype(np.float32)
        nearest = ((table**2).sum(axis=1) - 2 * bins @ table.T).argmin(axis=1)
        rows: np.ndarray = nearest.astype(np.uint8)
        for row in reversed(range(exact + 1)):
            rows[_bin(self.table[row])] = row
        return rows

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """For each of the pixels (h, w, 3) uint8 its row in the table, (h, w) uint8."""
        found: np.ndarray = self._nearest[_bin(pixels)]
        return found


def _bin(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(pixels.astype(np.int64) >> 3, -1, 0)
    found: np.ndarray = red << 10 | green << 5 | blue
    return found
