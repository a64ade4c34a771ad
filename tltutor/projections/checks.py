"""Check what projections and metrics are given: features, labels and domains, as tensors or with one sentence that helps."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import as_array

Array: TypeAlias = np.ndarray | Tensor


def as_features(x: Any, what: str = "features") -> Tensor:
    """Return x as a detached tensor (n, d) of finite numbers, where it lies: float64 if it was wider than float32, else float32.

    Takes tensors, arrays, lists and data frames. Raises ValueError or TypeError for other shapes, text, masked or sparse
    arrays, and NaN or infinity; it names the column or the first row.
    """
    rows = _of_tensor(x, what) if isinstance(x, Tensor) else _of_array(x, what)
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(
            f"{what} must have shape (n, d) with at least one row, got {tuple(rows.shape)}"
        )
    broken = ~rows.float().isfinite().all(1)  # float32 is what they are drawn and measured in
    if broken.any():
        raise ValueError(
            f"{what} must be finite, got NaN or infinity in {int(broken.sum())} of {len(rows)} rows"
            f" (the first is row {int(broken.nonzero()[0])}): lower the learning rate or the weight and start again"
        )
    return rows


def _of_tensor(x: Tensor, what: str) -> Tensor:
    if x.is_complex():
        raise TypeError(f"{what} must be real numbers, got {x.dtype}: take x.abs() or x.real")
    x = x.detach().to_dense()
    if (
        x.dtype in (torch.float16, torch.bfloat16, torch.float32) or x.device.type == "mps"
    ):  # which has no float64
        return x.float()
    return x.double()


def _of_array(x: Any, what: str) -> Tensor:
    array = as_array(x, what=what)
    narrow = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return torch.from_numpy(np.array(array, np.float32 if narrow else np.float64, order="C"))


def as_labels(values: Any, n: int, what: str = "labels") -> Tensor:
    """Return class numbers (n,) int64 on the CPU, -1 for an unlabeled row. Raises ValueError for another shape, text or fractions."""
    array = _one_a_row(values, n, what)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{what} must be class numbers, -1 for none, got {_described(array)}: pass each one's place in one list of names,"
            f" [names.index(name) for name in {what}]"
        )
    whole = np.isfinite(array) & (array == np.floor(array))
    if not whole.all():
        raise ValueError(
            f"{what} must be whole numbers, -1 for none, got {array[~whole][0]}: pass class numbers from 0 on"
        )
    return torch.from_numpy(np.array(array, np.int64))


def as_flags(values: Any, n: int, what: str = "is_target") -> Tensor:
    """Return flags (n,) bool on the CPU from True and False, or 1 and 0. Raises ValueError for other values or another shape."""
    array = _one_a_row(values, n, what)
    if array.dtype.kind not in "biuf":
        name = str(array[-1])
        raise TypeError(
            f"{what} must be True or False (or 1 or 0), got {_described(array)}: pass np.asarray({what}) == {name!r}"
        )
    flags = (array == 0) | (array == 1)
    if not flags.all():
        target = np.nanmax(array)
        raise ValueError(
            f"{what} must be True or False (or 1 or 0), got {array[~flags][0]}: pass np.asarray({what}) == {target:g}"
        )
    return torch.from_numpy(np.array(array, bool))


def _one_a_row(values: Any, n: int, what: str) -> np.ndarray:
    array = values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)
    if array.shape != (n,):
        raise ValueError(f"{what} must have shape ({n},), one value a row, got {array.shape}")
    return array


def _described(array: np.ndarray) -> str:
    words = [v for v in array.ravel()[:1000] if isinstance(v, str | bytes)]
    return f"text such as {str(words[0])!r}" if words else f"dtype {array.dtype}"


def shifted(x: Tensor, origin: Tensor) -> Tensor:
    """Return x - origin in float32, for x (n, d) and a row (d,) of such features: as exact as x itself, however far from 0.

    A column that varies by no more than the rounding of its own numbers becomes constant: noise is not enlarged.
    """
    ulp = torch.finfo(x.dtype).eps * x.abs().amax(0)
    x = torch.where(x.amax(0) - x.amin(0) <= 2 * ulp, x[0], x)
    return (x - origin.to(x)).float()
