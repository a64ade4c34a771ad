"""Inputs that meet: arrays of one kind, checked one by one, are brought to one form before they are joined."""

from __future__ import annotations

import numpy as np


def one_dtype(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the arrays (n, ...) in one dtype: where uint8 images (0..255) meet float ones (0..1), they are divided by 255."""
    if len({array.dtype for array in arrays}) <= 1:
        return arrays
    scales = (np.float32(255 if array.dtype == np.uint8 else 1) for array in arrays)
    return tuple(array.astype(np.float32) / scale for array, scale in zip(arrays, scales, strict=True))
