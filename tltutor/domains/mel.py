"""Log-mel pictures of sounds: how much power each band of pitches has at each moment. It knows no files."""

from __future__ import annotations

import numpy as np

WINDOW = 256  # samples of one moment, 32 ms at 8 kHz
POINTS = 512  # of the Fourier transform: the window, and zeros
RANGE = 60.0  # decibels below the loudest spot that a picture shows


def mels(hertz: np.ndarray | float) -> np.ndarray:
    """Return 2595 log10(1 + f / 700): pitch on a scale on which equal steps sound equal (O'Shaughnessy, 1987)."""
    return np.asarray(2595 * np.log10(1 + np.asarray(hertz) / 700))


def hertz(mels: np.ndarray | float) -> np.ndarray:
    """Return 700 (10^(m / 2595) - 1), which undoes `mels`."""
    return np.asarray(700 * (10 ** (np.asarray(mels) / 2595) - 1))


def mel_filters(bands: int, rate: int, points: int = POINTS) -> np.ndarray:
    """Return triangles (bands, points // 2 + 1) over the frequencies k rate / points of a Fourier transform.

    Their corners are equally far apart in mels, from 0 to rate / 2: a triangle rises from 0 at the peak of the one before to
    1 at its own, and falls to 0 at the next one's. (Davis & Mermelstein, 1980, figure 1.)
    """
    frequency = np.arange(points // 2 + 1) * rate / points
    corners = hertz(np.linspace(0, mels(rate / 2), bands + 2))
    low, peak, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (frequency - low) / (peak - low), (high - frequency) / (high - peak)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))


def power_at(sound: np.ndarray, moments: int) -> np.ndarray:
    """Return |Fourier transform|^2 (moments, POINTS // 2 + 1) of Hann windows at equal distances, the first and last at the ends."""
    whole = np.pad(np.asarray(sound, np.float64), (0, max(0, WINDOW - len(sound))))
    starts = np.linspace(0, len(whole) - WINDOW, moments).round().astype(int)
    frames = whole[starts[:, None] + np.arange(WINDOW)] * np.hanning(WINDOW)
    return np.asarray(np.abs(np.fft.rfft(frames, POINTS)) ** 2)


def log_mel(sound: np.ndarray, rate: int, *, bands: int = 32, moments: int = 24) -> np.ndarray:
    """Return a picture (bands, moments) float32 in 0..1 of a sound (n,): time runs to the right, pitch upward.

    1 is the loudest spot of this sound and 0 what lies RANGE decibels below it, so that loudness does not count. Whatever
    its length, a sound fills the picture, so that tempo does not count either.
    """
    power = mel_filters(bands, rate) @ power_at(sound, moments).T
    loudest = max(float(power.max()), np.finfo(np.float64).tiny)
    decibels = 10 * np.log10(np.maximum(power / loudest, 10 ** (-RANGE / 10)))
    return np.asarray(1 + decibels / RANGE, np.float32)[::-1]
