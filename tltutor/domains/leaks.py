"""Leaks: examples that are held out to judge and were trained on all the same, copied exactly or as nearly the same image."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from tltutor import checks
from tltutor.domains.domain import Domain, check_same_form
from tltutor.domains.pair import DomainPair

SIDE = 24  # pixels to which images are averaged
ALIKE = 0.985  # correlation from which two such images are called nearly the same
BELOW_A_COPY = np.float32(0.999999)
CHUNK = 256  # images that are averaged at a time
TRAINED, JUDGED = ("source", "target", "target_labeled"), ("source_test", "target_test")


@dataclass(frozen=True, eq=False)
class Leaks:
    """Held-out examples that have a twin among the trained ones, exact copies first, then by falling similarity: m rows each.

    trained_rows, held_rows: (m,) int64, the row of the nearest twin and that of the held-out example. exact: (m,) bool.
    similarity: (m,) float32, 1 for a copy alone.
    """

    trained_rows: np.ndarray
    held_rows: np.ndarray
    exact: np.ndarray
    similarity: np.ndarray

    @property
    def count(self) -> int:
        """How many held-out examples have a twin."""
        return len(self.held_rows)


def find_leaks(trained: Domain, held: Domain, *, alike: float | None = ALIKE) -> Leaks:
    """Return the examples of `held` that are in `trained` too.

    Exactly: the same values. For images also nearly: the correlation of both, averaged to at most 24 x 24 pixels a channel,
    is at least `alike` (None: exact copies only). Brightness and contrast cancel in it; images of one color have none.

    At .985, on photographs of 128 pixels, copies saved as JPEG at quality 30, halved in size or with 4 % noise are found,
    and different photographs are not. Images shifted or cropped by a few pixels are found seldom. Small digits are alike by
    nature: one in 800 of MNIST's test digits has a twin, and one in 14 of USPS's.
    Look at the pictures before you call them a leak.
    Errors: ValueError for domains of different forms, and for `alike` outside 0..1.
    """
    check_same_form(trained, held, "the two sides of a split")
    if alike is not None and not 0 < alike <= 1:
        raise ValueError(f"alike must be above 0 and at most 1, got {alike}: {ALIKE} is usual")
    ours, theirs = checks.one_dtype(trained.x, held.x)
    twin = _exact_twins(ours, theirs)
    similarity = np.where(twin >= 0, np.float32(1), np.float32(0))
    if trained.is_image and alike is not None:
        near, correlation = _nearest(_averaged(ours), _averaged(theirs))
        found = (twin < 0) & (correlation >= alike)
        twin, similarity = (
            np.where(found, near, twin),
            np.where(found, np.minimum(correlation, BELOW_A_COPY), similarity),
        )
        exact = (twin >= 0) & ~found
    else:
        exact = twin >= 0
    rows = np.flatnonzero(twin >= 0)
    rows = rows[np.argsort(-similarity[rows], kind="stable")]
    return Leaks(twin[rows], rows, exact[rows], similarity[rows])


def pair_leaks(pair: DomainPair, *, alike: float | None = ALIKE) -> dict[tuple[str, str], Leaks]:
    """Return the leaks of each part that training sees into each part that judges, by the names of both; only those found.

    ("source", "target_test"): a labeled example of the source is a test example too.
    """
    both = [
        (a, b)
        for a, b in product(TRAINED, JUDGED)
        if getattr(pair, a) is not None and getattr(pair, b) is not None
    ]
    found = {(a, b): find_leaks(getattr(pair, a), getattr(pair, b), alike=alike) for a, b in both}
    return {names: leaks for names, leaks in found.items() if leaks.count}


def _exact_twins(trained: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return for each held row the first trained row of the same values, or -1: (n_held,)."""
    first: dict[bytes, int] = {}
    for row, values in enumerate(trained):
        first.setdefault(_key(values), row)
    return np.array([first.get(_key(values), -1) for values in held])


def _key(values: np.ndarray) -> bytes:
    return (values + 0.0 if values.dtype.kind == "f" else values).tobytes()  # -0 is 0


def _averaged(x: np.ndarray) -> np.ndarray:
    """Return images (n, c, h, w) averaged to at most SIDE x SIDE, about their mean, of length 1: (n, c * h' * w') float32."""
    rows, columns = (_averaging(size) for size in x.shape[2:])
    small = np.concatenate(
        [
            (rows @ x[start : start + CHUNK].astype(np.float32) @ columns.T)
            for start in range(0, len(x), CHUNK)
        ]
    ).reshape(len(x), -1)
    small -= small.mean(1, keepdims=True)
    length = np.linalg.norm(small, axis=1, keepdims=True)
    flat = length < 1e-4 * max(float(length.max()), 1e-30)
    unit: np.ndarray = np.where(flat, 0, small / np.where(flat, 1, length))
    return unit


def _averaging(size: int) -> np.ndarray:
    """Return the matrix (min(size, SIDE), size) that averages neighboring pixels, each weighted by its part in the cell."""
    edges = np.linspace(0, size, min(size, SIDE) + 1)
    pixel = np.arange(size)
    inside = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    weights = np.clip(inside, 0, None)
    averaging: np.ndarray = weights / weights.sum(1, keepdims=True)
    return averaging.astype(np.float32)


def _nearest(trained: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each held row the trained row of the largest correlation, and that correlation: (n_held,) each."""
    near, best = [], []
    for start in range(0, len(held), CHUNK):
        correlation = held[start : start + CHUNK] @ trained.T
        rows = correlation.argmax(1)
        near.append(rows)
        best.append(correlation[np.arange(len(rows)), rows])
    return np.concatenate(near), np.concatenate(best)
