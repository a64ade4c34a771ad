"""Embedded pictures with boxes: handwritten digits pasted into photographs, in clear air and in fog."""

from __future__ import annotations

import numpy as np

from tltutor.domains.boxes import padded
from tltutor.domains.digits import handwritten, photo_patches, resize
from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.printed import DIGITS

SIDE = 64
SCENES = (400, 400, 120, 240)  # source, target, source_test, target_test
CLASSES = DIGITS[:4]
DIGITS_OF = (220, 220, 100)  # no digit is in two parts; the last one has the others
MOST = 3  # digits in a scene
SIZES = (16, 28)  # pixels of the square that a digit is enlarged to
INK = 0.35  # what is brighter belongs to the box
DIM = 0.6  # of the photograph's brightness: the digits are brighter
FOG = np.array([0.85, 0.87, 0.9], np.float32)  # its color
NEAR = 0.35  # of the fog at the horizon that lies at the bottom of the picture
MOST_COMMON = 0.05  # share of a digit that another may cover


def clear_to_foggy(*, seed: int, fog: float) -> DomainPair:
    """Build scenes of digits in photographs, and other scenes of other digits in fog; 3 x 64 x 64, with boxes on both sides."""
    x, y = handwritten(28)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(y < len(CLASSES)))
    parts = np.split(order, np.cumsum(DIGITS_OF))
    rng = np.random.default_rng([seed, 1])
    names = ("clear", "foggy", "clear", "foggy")
    drawn = [
        _scenes(name, n, (x[rows, 0], y[rows]), rng)
        for name, n, rows in zip(names, SCENES, parts, strict=True)
    ]
    source, target, source_test, target_test = (
        _as_domain(name, foggy(images, fog) if name == "foggy" else images, boxes)
        for name, images, boxes in drawn
    )
    return DomainPair(source, target, source_test=source_test, target_test=target_test)


def foggy(x: np.ndarray, fog: float) -> np.ndarray:
    """Put fog before images x (n, 3, h, w) float32 in 0..1: t x + (1 - t) FOG, t = exp(-fog * distance) (Koschmieder, 1924).

    The distance is 1 in the top row and falls to NEAR in the bottom row. fog 0 changes nothing.
    """
    distance = np.linspace(1, NEAR, x.shape[2], dtype=np.float32)[:, None]
    t = np.exp(-np.float32(fog) * distance)
    hazy: np.ndarray = t * x + (1 - t) * FOG[:, None, None]
    return hazy


def _scenes(
    name: str, n: int, digits: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> tuple[str, np.ndarray, np.ndarray]:
    """Draw n scenes (n, 3, SIDE, SIDE) float32 with 1 to MOST of these digits each, and their boxes."""
    images = DIM * photo_patches(n, size=SIDE, rng=rng)
    boxes = [_paste(image, *digits, rng) for image in images]
    return name, images, padded(boxes)


def _paste(image: np.ndarray, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paste some digits of x (n, 28, 28) into an image, apart from one another; return their boxes (m, 5)."""
    found: list[np.ndarray] = []
    for row in rng.integers(len(y), size=rng.integers(1, MOST + 1)):
        size = int(rng.integers(SIZES[0], SIZES[1] + 1))
        top, left = rng.integers(SIDE - size + 1, size=2)
        color = rng.uniform(0.75, 1, 3).astype(np.float32)[:, None, None]
        ink = resize(x[row : row + 1], size)[0]
        rows, columns = (np.flatnonzero((ink > INK).any(axis)) for axis in (1, 0))
        box = np.array(
            [
                left + columns[0],
                top + rows[0],
                left + columns[-1] + 1,
                top + rows[-1] + 1,
                y[row],
            ],
            np.float32,
        )
        if all(_common(box, other) <= MOST_COMMON for other in found):
            part = image[:, top : top + size, left : left + size]
            part[...] = (1 - ink) * part + ink * color
            found.append(box)
    return np.stack(found)


def _common(a: np.ndarray, b: np.ndarray) -> float:
    """Return the area that two boxes share, as a share of the smaller one."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:4], b[2:4])
    areas = [(box[2:4] - box[:2]).prod() for box in (a, b)]
    return float((high - low).clip(0).prod() / min(areas))


def _as_domain(name: str, images: np.ndarray, boxes: np.ndarray) -> Domain:
    return Domain(name, np.round(images * 255).astype(np.uint8), boxes, CLASSES)
