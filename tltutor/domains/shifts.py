"""Shifts of images, one function each: x (n, c, h, w) float32 in 0..1 -> the same shape; severity 0 changes nothing."""

# ruff: noqa: ARG001 - every shift is called alike, with a source of chance, though only noise draws from it

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from tltutor.settings import Setting, check_name

Shift: TypeAlias = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def rotation(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Every image turned by `severity` degrees, anticlockwise; corners are filled with 0."""
    from scipy import ndimage

    if severity == 0:
        return x
    turned: np.ndarray = ndimage.rotate(x, severity, axes=(2, 3), reshape=False, order=1)
    return turned


def thickness(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Strokes thicker by `severity` pixels on each side, thinner if negative, and between whole pixels a blend."""
    if severity == 0:
        return x
    whole = int(abs(severity))
    part = np.float32(abs(severity) - whole)
    near = _grown(x, whole, thin=severity < 0)
    return near if part == 0 else (1 - part) * near + part * _grown(near, 1, thin=severity < 0)


def _grown(x: np.ndarray, times: int, *, thin: bool) -> np.ndarray:
    """Grey dilation (erosion if thin) by a plus-shaped stamp of radius 1, `times` over."""
    from scipy import ndimage

    stamp = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)[None, None]
    grow = ndimage.grey_erosion if thin else ndimage.grey_dilation
    for _ in range(times):
        x = grow(x, footprint=stamp)
    return x


def blur(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian blur; `severity` is its standard deviation in pixels."""
    from scipy import ndimage

    if severity == 0:
        return x
    blurred: np.ndarray = ndimage.gaussian_filter(x, (0, 0, severity, severity))
    return blurred


def contrast(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Every value pulled towards middle grey by the share `severity`: 1 leaves nothing to see."""
    return x if severity == 0 else x + np.float32(severity) * (np.float32(0.5) - x)


def inversion(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """A mix of the image (1 - severity) and its negative (severity): 1 swaps black and white."""
    s = np.float32(severity)
    return x if severity == 0 else (1 - s) * x + s * (1 - x)


def noise(x: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of standard deviation `severity` on every pixel, then clipped to 0..1."""
    if severity == 0:
        return x
    soiled: np.ndarray = np.clip(x + np.float32(severity) * rng.standard_normal(x.shape, dtype=np.float32), 0, 1)
    return soiled


# In the order in which they act: what bends the stroke, what dims it, what soils it.
SHIFTS: Mapping[str, tuple[Shift, Setting]] = {
    "rotation": (
        rotation,
        Setting("rotation", 35.0, -180, 180, unit="degrees", text="Angle by which every digit is turned.", live=False),
    ),
    "thickness": (
        thickness,
        Setting("thickness", 0.0, -2, 4, unit="px", text="Thicker (or thinner) strokes.", live=False),
    ),
    "blur": (blur, Setting("blur", 0.0, 0, 5, unit="px", text="Gaussian blur of this width.", live=False)),
    "contrast": (contrast, Setting("contrast", 0.0, 0, 1, text="Share of the contrast that is lost.", live=False)),
    "inversion": (
        inversion,
        Setting("inversion", 0.0, 0, 1, text="Share of the negative: 1 swaps black and white.", live=False),
    ),
    "noise": (noise, Setting("noise", 0.0, 0, 1, text="Standard deviation of the noise on each pixel.", live=False)),
}


def apply_shifts(x: np.ndarray, severities: Mapping[str, float], *, seed: int = 0) -> np.ndarray:
    """The images x (n, c, h, w) float32 in 0..1 after all shifts of `severities`, in the order of SHIFTS."""
    for name in severities:
        check_name(name, SHIFTS, what="shift")
    rng = np.random.default_rng(seed)
    for name, (shift, setting) in SHIFTS.items():
        x = shift(x, setting.check(severities.get(name, 0.0)), rng)
    return np.asarray(x, dtype=np.float32).clip(0, 1)
