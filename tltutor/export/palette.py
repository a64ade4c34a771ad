"""The colours of the classes on paper: the board's own, in its light theme."""

from __future__ import annotations

from colorsys import hls_to_rgb

# Okabe and Ito (2008) first; see the board's colours for the rest. A test holds both lists equal.
LIGHT = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#222222", "#7B4247"),
    *("#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"),
)
UNKNOWN = "#8c8c8c"  # of a point without a label


def palette(count: int) -> list[str]:
    """`count` colours; beyond sixteen the hue turns by the golden angle and saturation and lightness alternate."""
    return [LIGHT[i] if i < len(LIGHT) else _turned(i) for i in range(count)]


def _turned(i: int) -> str:
    hue, saturation, lightness = round(i * 137.508) % 360, (0.75, 0.45, 0.90)[i % 3], (0.42, 0.28, 0.55)[i % 3]
    return "#" + "".join(f"{round(255 * part):02X}" for part in hls_to_rgb(hue / 360, lightness, saturation))
