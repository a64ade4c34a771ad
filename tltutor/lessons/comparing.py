"""Find how two results differ: in kind, shape, dtype, or the first different number; it knows no exercise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tltutor.language import mark, tr

KIND = mark("yours is {given}, expected {wanted}")
LENGTH = mark("yours has {given} parts, expected {wanted}")
SHAPE = mark("yours has the shape {given}, expected {wanted}")
DTYPE = mark("yours has the dtype {given}, expected {wanted}")
VALUE = mark("yours gives {given}, the package's {wanted}")
ENTRY = mark("yours gives {given} at {index}, the package's {wanted}")
PART = mark("{part}: {difference}")


@dataclass(frozen=True)
class Difference:
    """A difference, as a text and the values to fill in."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return tr(self.text, **self.values)


def difference(
    given: Any, wanted: Any, *, rtol: float = 0.0, atol: float = 0.0
) -> Difference | None:
    """Return the first difference of `given` from `wanted`, or None; an array or tensor of one number counts as a number."""
    return next(_differences(given, wanted, rtol, atol), None)


def _differences(given: Any, wanted: Any, rtol: float, atol: float) -> Iterator[Difference]:
    if isinstance(wanted, Mapping):
        yield from _in_names(given, wanted, rtol, atol)
    elif isinstance(wanted, tuple | list):
        yield from _in_parts(given, wanted, rtol, atol)
    elif hasattr(wanted, "shape") and hasattr(wanted, "dtype") and np.ndim(_array(wanted)):
        yield from _in_arrays(given, wanted, rtol, atol)
    elif (number := _number(wanted)) is not None:
        mine = _number(given)
        if mine is None:
            yield Difference(KIND, {"given": _kind(given), "wanted": tr("a number")})
        elif not np.isclose(mine, number, rtol=rtol, atol=atol, equal_nan=True):
            yield Difference(VALUE, {"given": _figure(mine), "wanted": _figure(number)})
    elif not (type(given) is type(wanted) and bool(given == wanted)):
        yield Difference(VALUE, {"given": repr(given), "wanted": repr(wanted)})


def _in_names(
    given: Any, wanted: Mapping[str, Any], rtol: float, atol: float
) -> Iterator[Difference]:
    """Yield the differences of the parts with these names, in the order in which they are wanted."""
    for name, theirs in wanted.items():
        mine = given.get(name) if isinstance(given, Mapping) else given
        for found in _differences(mine, theirs, rtol, atol):
            yield Difference(PART, {"part": Difference(name), "difference": found})


def _in_parts(given: Any, wanted: Any, rtol: float, atol: float) -> Iterator[Difference]:
    if not isinstance(given, tuple | list):
        yield Difference(KIND, {"given": _kind(given), "wanted": _kind(wanted)})
    elif len(given) != len(wanted):
        yield Difference(LENGTH, {"given": len(given), "wanted": len(wanted)})
    else:
        for mine, theirs in zip(given, wanted, strict=True):
            yield from _differences(mine, theirs, rtol, atol)


def _in_arrays(given: Any, wanted: Any, rtol: float, atol: float) -> Iterator[Difference]:
    if type(given) is not type(wanted):
        yield Difference(KIND, {"given": _kind(given), "wanted": _kind(wanted)})
    elif tuple(given.shape) != tuple(wanted.shape):
        yield Difference(SHAPE, {"given": tuple(given.shape), "wanted": tuple(wanted.shape)})
    elif given.dtype != wanted.dtype:
        yield Difference(DTYPE, {"given": _word(given.dtype), "wanted": _word(wanted.dtype)})
    else:
        mine, theirs = _array(given), _array(wanted)
        unlike = ~np.isclose(mine, theirs, rtol=rtol, atol=atol, equal_nan=mine.dtype.kind == "f")
        if unlike.any():
            index = tuple(int(i) for i in np.argwhere(unlike)[0])
            yield Difference(
                ENTRY,
                {
                    "given": _figure(mine[index]),
                    "wanted": _figure(theirs[index]),
                    "index": list(index),
                },
            )


def _array(value: Any) -> np.ndarray:
    """Return the numbers of an array or of a tensor, detached and on the CPU."""
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def _number(value: Any) -> float | None:
    try:
        array = _array(value)
        return float(array.reshape(())) if array.dtype.kind in "biuf" and array.size == 1 else None
    except (ValueError, TypeError, RuntimeError):
        return None


def _figure(value: Any) -> str:
    return f"{float(value):.4g}" if np.asarray(value).dtype.kind in "iuf" else str(value)


def _word(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _kind(value: Any) -> str:
    names = {"ndarray": tr("an array"), "Tensor": tr("a tensor"), "NoneType": tr("nothing")}
    return names.get(type(value).__name__, type(value).__name__)
