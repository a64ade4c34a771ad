"""Shifts of images, one function each: x (n, c, h, w) float32 in 0..1 -> the same shape; severity 0 changes nothing."""

# ruff: noqa: ARG001 - all shifts share one signature, though only noise draws random numbers

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from tltutor.settings import Setting, check_name

Shift: TypeAlias = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def rotation(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Rotate every image by `severity` degrees, counterclockwise; corners become 0."""
    from scipy import ndimage

    if severity == 0:
        return x
    rotated: np.ndarray = ndimage.rotate(x, severity, axes=(2, 3), reshape=False, order=1)
    return rotated


def thickness(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Thicken strokes by `severity` pixels on each side (thin them if negative); fractions of a pixel are a blend."""
    if severity == 0:
        return x
    whole = int(abs(severity))
    part = np.float32(abs(severity) - whole)
    near = _grown(x, whole, thin=severity < 0)
    return near if part == 0 else (1 - part) * near + part * _grown(near, 1, thin=severity < 0)


def _grown(x: np.ndarray, times: int, *, thin: bool) -> np.ndarray:
    """Gray dilation (erosion if thin) by a plus-shaped stamp of radius 1, `times` over."""
    from scipy import ndimage

    stamp = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)[None, None]
    grow = ndimage.grey_erosion if thin else ndimage.grey_dilation
    for _ in range(times):
        x = grow(x, footprint=stamp)
    return x


def blur(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Blur with a Gaussian; `severity` is its standard deviation in pixels."""
    from scipy import ndimage

    if severity == 0:
        return x
    blurred: np.ndarray = ndimage.gaussian_filter(x, (0, 0, severity, severity))
    return blurred


def contrast(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Pull every value toward middle gray by the share `severity`: at 1 only gray is left."""
    return x if severity == 0 else x + np.float32(severity) * (np.float32(0.5) - x)


def inversion(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Mix the image (1 - severity) with its negative (severity): 1 swaps black and white."""
    s = np.float32(severity)
    return x if severity == 0 else (1 - s) * x + s * (1 - x)


def noise(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of standard deviation `severity` to every pixel, then clip to 0..1."""
    if severity == 0:
        return x
    noisy: np.ndarray = np.clip(
        x + np.float32(severity) * rng.standard_normal(x.shape, dtype=np.float32), 0, 1
    )
    return noisy


# In the order in which they act: geometry, then brightness, then noise.
SHIFTS: Mapping[str, tuple[Shift, Setting]] = {
    "rotation": (
        rotation,
        Setting(
            "rotation",
            35.0,
            -180,
            180,
            unit="degrees",
            text="Angle by which every digit is rotated.",
            live=False,
        ),
    ),
    "thickness": (
        thickness,
        Setting(
            "thickness", 0.0, -2, 4, unit="px", text="Thicker (or thinner) strokes.", live=False
        ),
    ),
    "blur": (
        blur,
        Setting("blur", 0.0, 0, 5, unit="px", text="Gaussian blur of this width.", live=False),
    ),
    "contrast": (
        contrast,
        Setting("contrast", 0.0, 0, 1, text="Share of the contrast that is lost.", live=False),
    ),
    "inversion": (
        inversion,
        Setting(
            "inversion",
            0.0,
            0,
            1,
            text="Share of the negative: 1 swaps black and white.",
            live=False,
        ),
    ),
    "noise": (
        noise,
        Setting(
            "noise", 0.0, 0, 1, text="Standard deviation of the noise on each pixel.", live=False
        ),
    ),
}


def apply_shifts(x: np.ndarray, severities: Mapping[str, float], *, seed: int = 0) -> np.ndarray:
    """Apply the shifts named in `severities` to images x (n, c, h, w) float32 in 0..1, in the order of SHIFTS.

    Errors: ValueError for an unknown shift or a severity out of bounds.
    """
    for name in severities:
        check_name(name, SHIFTS, what="shift")
    rng = np.random.default_rng(seed)
    for name, (shift, setting) in SHIFTS.items():
        x = shift(x, setting.check(severities.get(name, 0.0)), rng)
    return np.asarray(x, dtype=np.float32).clip(0, 1)
