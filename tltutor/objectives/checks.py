"""What formulas check about their inputs: tensors of floats, with one width and one row per example.

They read types and shapes only, never a value, so that a training step on a GPU does not wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

MOST_AXES = 64  # as many as torch allows


def check_features(**samples: Any) -> None:
    """Check that each sample is a float tensor (n, d) with n >= 1, and that all have the same d.

    Call it with the names of the formula's arguments: `check_features(fs=fs, ft=ft)`. Logits (n, k) and kernel
    matrices (n, n) pass as well. Raises a TypeError for anything but a tensor, else a ValueError.
    """
    _check_floats("(n, d) ", (2, 2), samples)
    _check_widths(samples)


def check_stages(**stages: Any) -> None:
    """Check that each is the output of a stage, a float tensor (n, c, ...), and that examples have the same shape."""
    _check_floats("(n, c, ...) ", (2, MOST_AXES), stages)
    _check_widths(stages)


def check_maps(**maps: Any) -> None:
    """Check that each is a float tensor of maps (n, c, h, w); c, h and w may differ."""
    _check_floats("(n, c, h, w) ", (4, 4), maps)


def check_tensors(**tensors: Any) -> None:
    """Check that each is a tensor of floats, of any shape."""
    _check_floats("", (0, MOST_AXES), tensors)


def check_pairs(**samples: Tensor) -> None:
    """Check that all samples have the same number of rows, one per example. Raises a ValueError."""
    counts = {len(sample) for sample in samples.values()}
    if len(counts) > 1:
        got = " and ".join(f"{len(sample)} rows of {name}" for name, sample in samples.items())
        raise ValueError(
            f"every sample must have one row per example, got {got}: take all of them from one batch"
        )


def check_labels(z: Tensor, **labels: Any) -> None:
    """Check that labels are class numbers (n,) of dtype int64, one per row of z (n, k).

    Raises a TypeError for anything but a tensor, else a ValueError. Their values are not read.
    """
    for name, y in labels.items():
        if isinstance(y, Tensor) and y.ndim == 1 and y.dtype == torch.int64:
            check_pairs(**{name: y, "z": z})
        else:
            kind = ValueError if isinstance(y, Tensor) else TypeError
            raise kind(
                f"{name} must be a tensor (n,) of class numbers (int64), got {_kind(y)}: {_labels_from(name, y)}"
            )


def check_weights(z: Tensor, **weights: Any) -> None:
    """Check that weights are floats (n,), one per row of z (n, k). Raises a TypeError for anything but a tensor, else a ValueError."""
    _check_floats("(n,) ", (1, 1), weights)
    for name, w in weights.items():
        check_pairs(**{name: w, "z": z})


def _check_floats(shape: str, axes: tuple[int, int], samples: Mapping[str, Any]) -> None:
    least, most = axes
    for name, x in samples.items():
        if not (isinstance(x, Tensor) and x.dtype.is_floating_point and least <= x.dim() <= most):
            error = ValueError if isinstance(x, Tensor) else TypeError
            raise error(
                f"{name} must be a tensor {shape}of floats, got {_kind(x)}: {_floats_from(name, x, axes)}"
            )
        if x.numel() == 0:
            raise ValueError(
                f"{name} must have at least 1 example, got shape {tuple(x.shape)}: give more examples"
            )


def _check_widths(samples: Mapping[str, Tensor]) -> None:
    first, *others = samples.values()
    if any(first.shape[1:] != other.shape[1:] for other in others):
        got = " and ".join(str(tuple(sample.shape)) for sample in samples.values())
        raise ValueError(
            f"all samples must have features of one width, got {got}: take them from one stage of one network"
        )


def _kind(x: Any) -> str:
    """Say what x is: its type, and shape and dtype where it has them."""
    about = [str(tuple(x.shape))] if hasattr(x, "shape") else []
    about += [str(x.dtype)] if hasattr(x, "dtype") else []
    return " ".join([type(x).__name__, *about])


def _floats_from(name: str, x: Any, axes: tuple[int, int]) -> str:
    """Write the code that makes a float tensor with this least and largest number of axes from x."""
    code = (
        name
        if isinstance(x, Tensor) and x.is_floating_point()
        else _tensor_from(name, x, "float32")
    )
    least, most = axes
    if _axes(x) < least:
        return f"{code}.reshape({', '.join(['-1', *['1'] * (least - 1)])})"
    return f"{code}.flatten({most - 1})" if _axes(x) > most else code


def _labels_from(name: str, y: Any) -> str:
    """Write the code that makes labels from y: class numbers of another type or shape, or a column per class."""
    if not isinstance(y, Tensor):
        return _tensor_from(name, y, "int64")
    is_one_column = y.ndim < 2 or y.numel() == len(y)
    return f"{_tensor_from(name, y, 'int64')}.flatten()" if is_one_column else f"{name}.argmax(1)"


def _tensor_from(name: str, x: Any, dtype: str) -> str:
    """Write the code that makes a tensor of this type from a tensor, an array, a table or a list."""
    if isinstance(x, Tensor):
        return f"{name}.to(torch.{dtype})"
    if isinstance(x, list | tuple) and any(isinstance(row, Tensor) for row in x):
        return f"torch.stack({name}).to(torch.{dtype})"
    return f"torch.tensor({name}{'.to_numpy()' if hasattr(x, 'to_numpy') else ''}, dtype=torch.{dtype})"


def _axes(x: Any) -> int:
    """Count the axes of a tensor, an array, or a nested list."""
    if hasattr(x, "ndim"):
        return int(x.ndim)
    return 1 + _axes(x[0]) if isinstance(x, list | tuple) and x else 0
