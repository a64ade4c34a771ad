"""The one door: what a user gives becomes examples, labels or names here, or is refused in one sentence. Knows no torch."""

from __future__ import annotations

import sys
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

KINDS = ("image", "vector", "tokens")
NAMED = 10  # names listed in a sentence; the others are counted
WHITE = 255
FREE_LABELS = 1000  # a label below this may be far above the number of classes
LARGE = 100.0  # features that reach further than this train badly
NUMBER_THEM = (
    "number them with names, y = np.unique(y, return_inverse=True) and give class_names=names"
)


class Form(NamedTuple):
    """What one example looks like: its shape, its kind, the dtype and the columns where they matter."""

    shape: tuple[int, ...]
    kind: str
    dtype: np.dtype | None = None
    columns: tuple[str, ...] = ()


# Examples


def as_examples(
    x: Any, *, what: str = "x", kind: str | None = None, like: Form | None = None
) -> np.ndarray:
    """Turn what a user gives into examples.

    x: images (n, channels, height, width): uint8 0..255, other whole numbers in 0..255 (they become uint8) or floats in
    0..1 (float32); vectors (n, d) of any numbers (float32); token ids (n, length) (int64). Arrays, nested lists, torch
    tensors on any device and DataFrames are taken.
    what: how a sentence calls x. kind: one of KINDS, else images are 4-D and vectors 2-D.
    like: the shape, kind and columns that x must have, such as `pair.form`; no examples at all are then fine.
    Errors: TypeError for what holds no numbers; ValueError for NaN, infinity, masked or sparse values, shapes and scales.
    """
    kind = like.kind if like else kind
    if like:
        check_columns(column_names(x), like.columns, what=what)
    array = as_array(x, what=what)
    if like and array.size == 0:
        return np.empty((0, *like.shape), like.dtype or _dtype_of(kind))
    _check_shape(array, kind, like, what)
    if kind == "tokens":
        return _token_ids(array, what)
    check_finite(array, what=what)
    if array.ndim == 4:
        return _image_values(array, like, what)
    return _as_float32(array, what)


def as_features(x: Any, *, what: str = "features", dtype: type = np.float32) -> np.ndarray:
    """Turn what a user gives into rows of finite features (n, d), n and d 1 or more, of the float `dtype`.

    Errors as for `as_examples`.
    """
    array = as_array(x, what=what)
    if array.ndim != 2 or not array.size:
        raise ValueError(
            f"{what} must have shape (n, d) with at least one row, got {array.shape}{_rows_remedy(array)}"
        )
    check_finite(array, what=what)
    return _as_float32(array, what) if dtype is np.float32 else array.astype(dtype)


def as_array(x: Any, *, what: str = "x") -> np.ndarray:
    """Turn an array, a tensor, a DataFrame or nested lists into an array of real numbers, its shape and dtype kept.

    Errors: TypeError or ValueError for text, dates, complex numbers, masked or sparse values, and rows of unequal length.
    """
    if hasattr(x, "iloc") and hasattr(x, "columns"):
        return _table(x, what)
    array = _plain_array(x, what)
    if array.dtype == object:
        array = _numbers_of_objects(array, x, what)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{what} must be real numbers (uint8 or float), got dtype {array.dtype}{_dtype_remedy(array)}"
        )
    return array


def one_dtype(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Bring arrays of examples to one dtype, so that they can be joined: uint8 images beside float ones are divided by 255."""
    if len({array.dtype for array in arrays}) <= 1:
        return arrays
    images = (array.dtype == np.uint8 and array.ndim == 4 for array in arrays)
    scales = (np.float32(WHITE if image else 1) for image in images)
    return tuple(
        array.astype(np.float32) / scale for array, scale in zip(arrays, scales, strict=True)
    )


def check_finite(x: np.ndarray, *, what: str) -> None:
    """Refuse NaN and infinity in x (n, ...)."""
    if x.dtype.kind != "f" or not x.size:
        return
    broken = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
    if broken.any():
        raise ValueError(
            f"{what} must be finite, got NaN or infinity in {int(broken.sum())} of {len(x)} examples"
            f" (the first is number {int(broken.argmax())}): remove or impute them"
        )


def scale_advice(x: np.ndarray) -> str:
    """What to do about examples whose scale hinders training, or "": features beyond LARGE, images that are nearly black."""
    if x.dtype == np.int64 or not x.size:
        return ""
    reach = max(float(x.max()), -float(x.min()))
    if x.ndim == 2:
        return (
            f"standardize the features to a scale of about 1 (they reach {reach:.1g})"
            if reach > LARGE
            else ""
        )
    white = WHITE if x.dtype == np.uint8 else 1
    dark = 0 < reach <= white / WHITE * 1.001
    return (
        f"multiply the images by 255 (the brightest value is {reach:.1g} of {white}, nearly black)"
        if dark
        else ""
    )


def _plain_array(x: Any, what: str) -> np.ndarray:
    """NumPy's array of a tensor, an array, nested lists or what an iterator gives; of dtype object where these hold no numbers."""
    parts = list(x) if isinstance(x, Iterator) else x
    whole = (
        [_unwrapped(part, what) for part in parts]
        if isinstance(parts, list | tuple)
        else _unwrapped(parts, what)
    )
    try:
        return np.asarray(whole)
    except ValueError:  # rows of unequal length
        shapes = sorted(
            {np.shape(part) for part in whole if not isinstance(part, list | tuple)}
            or {(len(part),) for part in whole}
        )
        got = f", got {listed(shapes)}" if len(shapes) > 1 else ""
        raise ValueError(
            f"{what} must be one array with examples of one shape{got}: bring all to one size"
        ) from None


def _unwrapped(x: Any, what: str) -> Any:
    """Tensors as arrays and masked arrays without their mask; sparse values and hidden ones are refused."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(x, torch.Tensor):
        if x.layout != torch.strided:
            raise ValueError(f"{what} must be dense, got a sparse tensor: give x.to_dense()")
        x = x.detach().cpu().resolve_conj().resolve_neg()
        return (x.float() if x.dtype == torch.bfloat16 else x).numpy()
    if hasattr(x, "toarray") and hasattr(x, "nnz"):
        raise ValueError(f"{what} must be dense, got a sparse {type(x).__name__}: give x.toarray()")
    if isinstance(x, np.ma.MaskedArray):
        hidden = int(np.ma.count_masked(x))
        if hidden:
            raise ValueError(
                f"{what} must have no masked values, got {hidden}: leave them out, or fill them with filled(value)"
            )
        return x.data
    return x


def _numbers_of_objects(array: np.ndarray, x: Any, what: str) -> np.ndarray:
    """The numbers (float64) that an array of dtype object holds, or the first value that is none."""
    if array.ndim == 0:
        remedy = (
            "give its x" if hasattr(x, "x") else "give an array, such as np.array([[1.0, 2.0]])"
        )
        raise TypeError(f"{what} must be an array of numbers, got a {type(x).__name__}: {remedy}")
    for place, value in enumerate(array.ravel()):
        if not isinstance(value, Real | Decimal | np.bool_):
            row = place // (array.size // len(array))
            if isinstance(value, np.ndarray | list | tuple):
                raise ValueError(  # noqa: TRY004
                    f"{what} must be one array with examples of one shape: bring all to one size"
                )
            raise TypeError(
                f"{what} must be numbers, got {_short(value)} ({type(value).__name__}) in example {row}:"
                " leave it out, or give numbers, for example with x.astype(float)"
            )
    return array.astype(np.float64)


def _table(table: Any, what: str) -> np.ndarray:
    """The numbers (n, d) of a DataFrame; a column that holds something else is named."""
    columns = [
        _column(table.iloc[:, place], name, what) for place, name in enumerate(table.columns)
    ]
    return np.column_stack(columns) if columns else np.empty((len(table), 0))


def _column(column: Any, name: Any, what: str) -> np.ndarray:
    types = sys.modules["pandas"].api.types
    if types.is_numeric_dtype(column.dtype) and not types.is_complex_dtype(column.dtype):
        values = np.asarray(column)
        return (
            column.to_numpy(dtype=np.float64, na_value=np.nan) if values.dtype == object else values
        )
    values = np.asarray(column)
    if values.dtype == object and all(isinstance(value, Real | Decimal) for value in values):
        return values.astype(np.float64)
    text = any(isinstance(value, str) for value in values)
    held, more = f"of dtype {column.dtype}", "turn it into numbers"
    if text:
        held = "text"
        more = f"convert it with df.astype({{{name!r}: float}}), or encode it with pd.get_dummies(df, columns=[{name!r}])"
    raise TypeError(
        f"{what} must be numbers, and column {name!r} is {held}: drop it with df.drop(columns=[{name!r}]), or {more}"
    )


def _dtype_of(kind: str | None) -> np.dtype:
    return np.dtype(np.int64 if kind == "tokens" else np.float32)


def _dtype_remedy(array: np.ndarray) -> str:
    remedies = {
        "U": ": convert them with x.astype(float), or use Domain.from_texts for texts",
        "S": ": convert them with x.astype(float)",
        "c": ": take x.real, or np.abs(x)",
        "V": ": give np.column_stack([x[name] for name in x.dtype.names])",
    }
    return remedies.get(
        array.dtype.kind, ": convert them to numbers first, for example with x.astype(float)"
    )


def _check_shape(x: np.ndarray, kind: str | None, like: Form | None, what: str) -> None:
    dims = {"image": (4,), "vector": (2,), "tokens": (2,)}.get(kind or "", (2, 4))
    if like and x.shape[1:] != like.shape:
        raise ValueError(
            f"{what} must have shape {_shape_text(like.shape)}, got {x.shape}: {_like_remedy(x, like.shape)}"
        )
    if x.ndim not in dims:
        wanted = " or ".join(
            {2: "(n, length)" if kind == "tokens" else "(n, d)", 4: "(n, channels, height, width)"}[
                k
            ]
            for k in dims
        )
        raise ValueError(f"{what} must have shape {wanted}, got {x.shape}: {_dims_remedy(x, dims)}")
    if x.ndim == 4 and x.shape[1] not in (1, 3):
        remedy = "move the channels to the second axis with x.transpose(0, 3, 1, 2)"
        raise ValueError(
            f"images in {what} must have 1 or 3 channels, got shape {x.shape}:"
            f" {remedy if x.shape[3] in (1, 3) else 'keep one or three of them, such as x[:, :3]'}"
        )
    if 0 in x.shape[1:]:
        raise ValueError(
            f"every example in {what} must hold a number, got shape {x.shape}: give at least one feature"
        )


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"(n, {', '.join(map(str, shape))})"


def _dims_remedy(x: np.ndarray, dims: tuple[int, ...]) -> str:
    if x.ndim == 3 and 4 in dims:
        return "add a channel axis to gray images with x[:, None]"
    if x.ndim == 1 and 2 in dims:
        return (
            "give one feature as np.reshape(x, (-1, 1)), or one example as np.reshape(x, (1, -1))"
        )
    if dims == (4,):
        return "give images as x.reshape(n, channels, height, width), or leave kind out"
    return (
        "flatten every example with x.reshape(len(x), -1)"
        if x.ndim > 1
        else "bring it to that shape"
    )


def _rows_remedy(x: np.ndarray) -> str:
    if not x.size:
        return ""
    return f": {_dims_remedy(x, (2,))}"


def _like_remedy(x: np.ndarray, shape: tuple[int, ...]) -> str:
    if x.shape == shape:
        return "give one example as x[None]"
    if x.ndim == 3 and shape[0] == 1 and x.shape[1:] == shape[1:]:
        return "add a channel axis to gray images with x[:, None]"
    if x.ndim == 4 and len(shape) == 3 and (x.shape[3], *x.shape[1:3]) == shape:
        return "move the channels to the second axis with x.transpose(0, 3, 1, 2)"
    if x.ndim == 4 and len(shape) == 3 and x.shape[1] == 1 and x.shape[2:] == shape[1:]:
        return f"give gray images {shape[0]} channels with np.repeat(x, {shape[0]}, axis=1)"
    return "give examples of the shape that was trained on"


def _image_values(x: np.ndarray, like: Form | None, what: str) -> np.ndarray:
    """Images as uint8 0..255 or float32 0..1."""
    if x.dtype == np.uint8 or not x.size:
        return x if x.dtype == np.uint8 else x.astype(np.float32)
    low, high = float(x.min()), float(x.max())
    whole = x.dtype.kind in "iu"
    if (
        whole
        and low >= 0
        and high <= WHITE
        and (high > 1 or (like is not None and like.dtype == np.uint8))
    ):
        return x.astype(np.uint8)
    if low < 0 or high > 1:
        rule = (
            f"whole numbers of images in {what} must lie in 0..255"
            if whole
            else f"float images in {what} must lie in 0..1"
        )
        raise ValueError(f"{rule}, got {low:g}..{high:g}: {_scale_remedy(low, high, whole=whole)}")
    return x.astype(np.float32)


def _scale_remedy(low: float, high: float, *, whole: bool) -> str:
    white = next((most for most in (WHITE, 65535) if high <= most), high)
    if low >= 0:
        return (
            "clip them with x.clip(0, 1)"
            if high < 1.1
            else f"divide by {white:g}{' or pass uint8' if white == WHITE else ''}"
        )
    if whole:
        return "bring them to 0..255 and pass uint8"
    if low >= -1 and high <= 1:
        return "undo the normalization with (x + 1) / 2"
    return "undo the normalization with x * std + mean"


def _as_float32(x: np.ndarray, what: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        single = x.astype(np.float32)
    if x.dtype.kind == "f" and not np.isfinite(single).all():
        reach = float(np.abs(x).max())
        raise ValueError(
            f"{what} must lie within float32's range (up to 3e38), got {reach:.1g}: standardize or rescale them"
        )
    return single


# Token ids


def _token_ids(x: np.ndarray, what: str) -> np.ndarray:
    if (
        x.dtype.kind == "f" and not (np.isfinite(x).all() and (x == np.floor(x)).all())
    ) or x.dtype.kind == "b":
        raise TypeError(
            f"token ids in {what} must be whole numbers, got dtype {x.dtype}: use kind='vector' for features"
        )
    if x.size and x.min() < 0:
        raise ValueError(
            f"token ids in {what} must be 0 or more, got {x.min()}: mark padding in the mask instead"
        )
    return x.astype(np.int64)


def as_mask(mask: Any, shape: tuple[int, ...], *, what: str = "mask") -> np.ndarray:
    """Turn what a user gives into a mask (n, length) bool: True (or 1) where there is a token, at least once a row.

    None means that every position holds a token. Errors: ValueError for another shape, other values, an empty row.
    """
    if mask is None:
        return np.ones(shape, dtype=bool)
    array = as_array(mask, what=what)
    if array.shape != shape:
        raise ValueError(f"{what} must have shape {shape}, one value a token id, got {array.shape}")
    if not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"{what} must be True and False (or 1 and 0), got {_listed_values(array)}: give ids != padding_id"
        )
    empty = ~array.any(axis=1)
    if empty.any():
        raise ValueError(
            f"{what} must keep a token in every example, got none in {int(empty.sum())}"
            f" (the first is number {int(empty.argmax())}): leave these examples out"
        )
    return array.astype(bool)


# Labels


def as_labels(
    y: Any, *, what: str = "y", n: int | None = None, class_names: Sequence[str] = ()
) -> np.ndarray:
    """Turn what a user gives into labels (n,) int64, 0 or more: whole numbers, whole floats or booleans.

    n: how many there must be. class_names: the classes that they number, where these have names.
    Errors: TypeError for text and fractions; ValueError for a wrong shape, a missing or negative label, one above the
    class names, and (without names) for numbers far above the number of different ones: they do not number classes.
    """
    labels = _label_values(y, what)
    if labels.ndim != 1 or (n is not None and len(labels) != n):
        raise ValueError(_shape_of_labels(labels, n, what))
    if not labels.size:
        return np.empty(0, np.int64)
    if labels.dtype.kind == "f":
        _refuse_missing(~np.isfinite(labels), what)
        if not (labels == np.floor(labels)).all():
            raise TypeError(
                f"{what} must be integers 0..k-1, got dtype {labels.dtype}: {NUMBER_THEM}"
            )
    if labels.min() < 0:
        raise ValueError(
            f"labels in {what} must be 0 or more, got {labels.min():g}: use y=None for unlabeled examples"
        )
    largest, different, known = int(labels.max()), len(np.unique(labels)), len(class_names)
    if known and largest >= known:
        raise ValueError(
            f"labels in {what} must lie between 0 and {known - 1} ({known} class names), got {largest}:"
            " give class_names with a name for each, or leave these examples out"
        )
    if not known and largest >= FREE_LABELS and largest >= 2 * different:
        raise ValueError(
            f"labels in {what} must number the classes 0..k-1, and they go up to {_count(largest)} with {different} different ones:"
            f" {NUMBER_THEM}"
        )
    return labels.astype(np.int64)


def as_classes(
    y: Any, *, what: str = "y", n: int | None = None, class_names: tuple[str, ...] = ()
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Turn what a user gives into labels (n,) int64 and the names of the classes that they number.

    y: numbers, see `as_labels`; or each example's class by name: strings in an array, a list, a Series or a Categorical.
    Names are numbered in the order of class_names, or, where none are given, sorted (as scikit-learn's LabelEncoder does).
    Errors: those of `as_labels`; TypeError for strings beside numbers; ValueError for a name that class_names lacks.
    """
    y = list(y) if isinstance(y, Iterator) else y
    given = _named_labels(y, what)
    if given is None:
        labels = as_labels(y, what=what, n=n, class_names=class_names)
        return labels, class_names or default_names(labels)
    if given.ndim != 1 or (n is not None and len(given) != n):
        raise ValueError(_shape_of_labels(given, n, what))
    texts = {name: readable(name) for name in _checked_names(given, what)}
    names = class_names or tuple(sorted(set(texts.values())))
    unknown = sorted(set(texts.values()) - set(names))
    if unknown:
        raise ValueError(
            f"labels in {what} must be among the class_names {listed(names)}, got {listed(unknown)}: add what is missing to"
            " class_names, or leave these examples out"
        )
    number = {text: k for k, text in enumerate(names)}
    return np.array([number[texts[label]] for label in given], np.int64), names


def _named_labels(y: Any, what: str) -> np.ndarray | None:
    """The labels one by one, of dtype object, if there is a string among them; None for numbers and for what is no labels."""
    if isinstance(y, list | tuple):  # NumPy would make strings of the numbers beside a string
        text = any(isinstance(label, str) for label in y)
        return np.fromiter(y, dtype=object, count=len(y)) if text else None
    labels = np.asarray(_unwrapped(y, what))
    if not labels.ndim or labels.dtype.kind not in "UTO":
        return None
    labels = labels.astype(object)
    return labels if any(isinstance(label, str) for label in labels.ravel()) else None


def _checked_names(labels: np.ndarray, what: str) -> set[str]:
    """The different strings among labels (n,); refuses a missing one, an empty one, and what is no string."""
    names = {label for label in labels if isinstance(label, str)}
    empty = {name for name in names if not readable(name)}
    _refuse_missing(np.array([_is_missing(label) or label in empty for label in labels]), what)
    for place, label in enumerate(labels):
        if not isinstance(label, str):
            raise TypeError(
                f"{what} must be all names or all numbers, got strings and {_short(label)} ({type(label).__name__}) in example"
                f" {place}: give names alone, [str(label) for label in y]"
            )
    return names


def _is_missing(label: Any) -> bool:
    """Whether this stands for no label: None, NaN, pandas' NA."""
    pandas = sys.modules.get("pandas")
    if label is None or (pandas is not None and label is pandas.NA):
        return True
    return isinstance(label, float) and bool(np.isnan(label))


def _refuse_missing(missing: np.ndarray, what: str) -> None:
    if missing.any():
        raise ValueError(
            f"{what} must have a label for every example, and {int(missing.sum())} of {len(missing)} are missing (the first is"
            f" number {int(missing.argmax())}): leave these examples out, or use y=None for unlabeled examples"
        )


def _count(n: int) -> str:
    return f"{n:,}" if n < 10**12 else f"{n:.0e}"


def _label_values(y: Any, what: str) -> np.ndarray:
    """The labels as an array of numbers; a missing one (None, pandas' NA) as NaN."""
    labels = np.asarray(y) if hasattr(y, "iloc") else _plain_array(y, what)
    if labels.dtype == object and labels.ndim:
        filled = [np.nan if _is_missing(value) else value for value in labels.ravel()]
        if all(isinstance(value, Real | np.bool_) for value in filled):
            return np.array(filled, dtype=np.float64).reshape(labels.shape)
    if labels.dtype.kind in "OUS" and not labels.ndim:
        raise TypeError(
            f"{what} must be one label an example, got a {type(y).__name__}: give a list or an array"
        )
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"{what} must be integers 0..k-1, got dtype {labels.dtype}: {NUMBER_THEM}")
    return labels.astype(np.int64) if labels.dtype.kind == "b" else labels


def _shape_of_labels(labels: np.ndarray, n: int | None, what: str) -> str:
    wanted = f"({'n' if n is None else n},)"
    return f"{what} must have shape {wanted}, one label an example, got {labels.shape}{_label_remedy(labels, n)}"


def _label_remedy(labels: np.ndarray, n: int | None) -> str:
    if labels.ndim == 2 and labels.shape[1] == 1:
        return ": give np.ravel(y)"
    if labels.ndim == 2 and len(labels) == n:
        return ": give np.argmax(y, axis=1) for one-hot labels"
    return ""


def as_flags(values: Any, *, what: str, n: int | None = None) -> np.ndarray:
    """Turn what a user gives into flags (n,) bool, such as is_target: True and False, or 1 and 0."""
    array = np.asarray(_unwrapped(values, what))
    if array.dtype.kind not in "biuf" or not np.isin(array, (0, 1)).all():
        raise TypeError(
            f"{what} must be True or False for every row, got {_listed_values(array)}: compare, such as domain == 'target'"
        )
    if array.ndim != 1 or (n is not None and len(array) != n):
        raise ValueError(
            f"{what} must have shape ({'n' if n is None else n},), one value a row, got {array.shape}"
        )
    return array.astype(bool)


def check_two_classes(y: np.ndarray, *, what: str) -> None:
    """Refuse labels (n,) of fewer than two classes: a classifier would have nothing to tell apart."""
    found = len(np.unique(y))
    if found < 2:
        raise ValueError(
            f"a classifier needs 2 classes or more, got {found} class in {what}: add examples of the others"
        )


# Names


def readable(name: Any) -> str:
    """The name as text that can be written anywhere: NFC, no spaces around, bytes that are no UTF-8 in hexadecimal."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a pair, from a source other than the file system
        text = text.encode("utf-8", "backslashreplace").decode()
    return unicodedata.normalize("NFC", text).strip()


def as_class_names(names: Any, *, what: str = "class_names") -> tuple[str, ...]:
    """Turn what a user gives into class names, in order: readable, each of them once.

    Errors: TypeError for one string, a mapping or a set; ValueError for an empty name or the same name twice.
    """
    if names is None:
        return ()
    if isinstance(names, str | bytes):
        raise TypeError(
            f"{what} must be several names, got the one string {names!r}: give a list, such as [{names!r}]"
        )
    if isinstance(names, Mapping | set | frozenset) or not isinstance(names, Iterable):
        example = (
            "[names[k] for k in range(len(names))]"
            if isinstance(names, Mapping)
            else "a list, such as ['cat', 'dog']"
        )
        raise TypeError(
            f"{what} must be in the order of the labels, got a {type(names).__name__}: give {example}"
        )
    texts = tuple(readable(name) for name in names)
    twice = (
        sorted({name for name in texts if texts.count(name) > 1})
        if len(set(texts)) < len(texts)
        else []
    )
    if twice:
        raise ValueError(
            f"{what} must be different, got {listed(twice)} more than once: give each class a name of its own"
        )
    if "" in texts:
        raise ValueError(
            f"every class must have a name, got an empty one for label {texts.index('')} in {what}"
        )
    return texts


def default_names(y: np.ndarray | None) -> tuple[str, ...]:
    """The names "0".."k-1" of the classes that labels y (n,) number."""
    return () if y is None or not len(y) else tuple(map(str, range(int(y.max()) + 1)))


def as_texts(texts: Any, *, what: str = "texts", n: int | None = None) -> tuple[str, ...]:
    """Turn what a user gives (a list, an array, a column, lines of a file) into texts, n of them if n is given."""
    if isinstance(texts, str | bytes | Mapping):
        got = "one string" if isinstance(texts, str | bytes) else "a mapping"
        raise TypeError(
            f"{what} must be several strings, one an example, got {got}: give a list, such as ['Good.', 'Bad.']"
        )
    if not isinstance(texts, Iterable):
        raise TypeError(
            f"{what} must be several strings, got {texts!r}: give a list, such as ['Good.', 'Bad.']"
        )
    held = tuple(texts)
    for place, text in enumerate(held):
        if not isinstance(text, str):
            raise TypeError(
                f"{what} must be several strings, one an example, got {_short(text)} ({type(text).__name__}) at place {place}:"
                " leave it out or give it as a string"
            )
    if n is not None and len(held) != n:
        raise ValueError(
            f"{what} must be one string an example, got {len(held)} for {n} examples: give as many as x has rows"
        )
    return tuple(str(text).encode("utf-8", "backslashreplace").decode() for text in held)


def column_names(x: Any) -> tuple[str, ...]:
    """The names of a DataFrame's columns; () for what has none, or only the numbers 0, 1, 2, ..."""
    if not (hasattr(x, "iloc") and hasattr(x, "columns")):
        return ()
    names = list(x.columns)
    return () if names == list(range(len(names))) else tuple(map(readable, names))


def check_columns(columns: tuple[str, ...], expected: tuple[str, ...], *, what: str) -> None:
    """Refuse other columns than the expected ones, or the same in another order; what has no names is not compared."""
    if not columns or not expected or columns == expected:
        return
    if sorted(columns) == sorted(expected):
        raise ValueError(
            f"{what} must have its columns in the order {listed(expected)}, got {listed(columns)}:"
            " bring them to that order with df[list(domain.columns)]"
        )
    lacking, unknown = (
        [c for c in a if c not in b] for a, b in ((expected, columns), (columns, expected))
    )
    found = [f"lacks {listed(lacking)}"] * bool(lacking) + [
        f"has {listed(unknown)} beside them"
    ] * bool(unknown)
    raise ValueError(
        f"{what} must have the columns {listed(expected)}, and it {' and '.join(found)}:"
        " rename or select columns, or give df.to_numpy() to compare no names"
    )


def listed(names: Iterable[Any]) -> str:
    """A list of names for a sentence: NAMED of them at most, the others counted."""
    names = list(names)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{names[:NAMED]}{more}"


def _listed_values(array: np.ndarray) -> str:
    return listed(array.ravel()[: NAMED + 1].tolist()[:3])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def warn(text: str) -> None:
    """Warn (UserWarning) at the line outside tltutor that led here."""
    level, frame = 1, sys._getframe()  # noqa: SLF001 - warnings offers no way to skip a package before Python 3.12
    while (
        frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "tltutor"
    ):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, UserWarning, stacklevel=level)
