"""Two-dimensional toy pairs, each with one named shift: rotation, covariate, label, conditional or subspace shift."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.path import DomainPath
from tltutor.language import mark

Sample: TypeAlias = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]

CENTERS = np.array([[-2.0, 0.5], [2.0, 0.5], [0.0, 3.0]])  # (3 classes, 2)
BLOB_NAMES = (mark("left"), mark("right"), mark("top"))
MOON_NAMES = (mark("upper"), mark("lower"))
TARGET_SHARES = np.array([0.1, 0.2, 0.7])  # of the three classes, at full label shift
MOVES = np.array(
    [[0.4, 2.2], [-0.4, -2.2], [2.2, 0.4]]
)  # of the three blobs, at full conditional shift

BAND_NAMES = (mark("low"), mark("middle"), mark("high"))
BANDS = np.array(
    [[-1.0, -2.0], [0.0, 0.0], [1.0, 2.0]]
)  # heights differ; along the other axis the classes lean
WAVE_NAMES = (mark("below"), mark("above"))
SIDE = np.array(
    [1.0, 0.0]
)  # the source's points lie about -SIDE, the target's, at full covariate shift, about SIDE

LEAP = np.array(
    [[5.0, 0.0], [3.0, 0.0], [1.0, 0.0]]
)  # at full subspace shift: 3 to the side, leaning the other way


def moons(
    n: int, rng: np.random.Generator, *, angle: float = 0.0, noise: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """Draw two interleaved half circles around the origin, rotated by `angle` degrees: x (n, 2) float64, y (n,)."""
    y = np.arange(n) % 2
    t = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(t) - 0.5, np.sin(t) - 0.25])
    x = np.where(y[:, None] == 0, upper, -upper)
    return rotate_points(x + noise * rng.standard_normal((n, 2)), angle), y


def blobs(
    n: int,
    rng: np.random.Generator,
    *,
    shares: np.ndarray | None = None,
    centers: np.ndarray = CENTERS,
    spread: float = 0.6,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw three Gaussian blobs: x (n, 2) float64, y (n,); class c has the share shares[c] of the points, to the nearest point."""
    shares = np.full(len(centers), 1 / len(centers)) if shares is None else shares
    bounds = np.round(np.cumsum(shares)[:-1] * n).astype(int)
    y = np.searchsorted(bounds, np.arange(n), side="right")
    return centers[y] + spread * rng.standard_normal((n, 2)), y


def rotate_points(x: np.ndarray, angle: float) -> np.ndarray:
    """Rotate the points x (n, 2) about the origin by `angle` degrees, counterclockwise."""
    if angle == 0:
        return x
    a = np.deg2rad(angle)
    rotated: np.ndarray = x @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return rotated


def rotated_moons(*, seed: int, angle: float, noise: float, n_samples: int) -> DomainPair:
    """Build the moons and the same moons rotated: p(x) changes, and p(y | x) with it, since labels rotate with their points."""
    return _pair(
        ("moons", lambda n, rng: moons(n, rng, noise=noise)),
        ("rotated-moons", lambda n, rng: moons(n, rng, angle=angle, noise=noise)),
        seed=seed, n_samples=n_samples, class_names=MOON_NAMES,
    )  # fmt: skip


def rotated_blobs(*, seed: int, angle: float, n_samples: int) -> DomainPair:
    """Build three blobs and the same blobs rotated about the origin with their labels: p(x) and p(y | x) change."""

    def rotated(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x, y = blobs(n, rng)
        return rotate_points(x, angle), y

    return _pair(("blobs", blobs), ("rotated-blobs", rotated), seed=seed, n_samples=n_samples)


def turning_moons(
    *, seed: int, angle: float, domains: int, noise: float, n_samples: int
) -> DomainPair:
    """Build the moons, and a path of new samples, each turned by the same angle more than the one before, up to `angle`."""
    rng = np.random.default_rng(seed)

    def draw(name: str, turned: float) -> Domain:
        x, y = moons(n_samples, rng, angle=turned, noise=noise)
        order = rng.permutation(n_samples)
        return Domain(name, x[order].astype(np.float32), y[order], MOON_NAMES)

    turns = [angle * (k + 1) / domains for k in range(domains)]
    return DomainPath(
        draw("moons", 0.0),
        [draw(f"turned by {turn:g}", turn) for turn in turns],
        target_test=draw("turning-moons", angle),
        source_test=draw("moons", 0.0),
    ).pair("turning-moons")


def wave(n: int, rng: np.random.Generator, *, center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw one Gaussian around `center` (2,); y = 1 above the wave x2 = sin(2 x1), 0 below it: x (n, 2), y (n,)."""
    x = center + 0.8 * rng.standard_normal((n, 2))
    return x, (x[:, 1] > np.sin(2 * x[:, 0])).astype(int)


def covariate_shift(*, seed: int, severity: float, n_samples: int) -> DomainPair:
    """Covariate shift: p(y | x), one wave between two classes, stays; the points move from its left part to its right part."""
    left, right = (partial(wave, center=(2 * share - 1) * SIDE) for share in (0.0, severity))
    return _pair(
        ("wave", left),
        ("covariate-shift", right),
        seed=seed,
        n_samples=n_samples,
        class_names=WAVE_NAMES,
    )


def label_shift(*, seed: int, severity: float, n_samples: int) -> DomainPair:
    """Label shift: p(x | y) stays, p(y) goes from equal shares to .1 / .2 / .7 at severity 1."""
    even = np.full(len(CENTERS), 1 / len(CENTERS))
    shares = (1 - severity) * even + severity * TARGET_SHARES
    return _pair(
        ("blobs", blobs),
        ("label-shift", lambda n, rng: blobs(n, rng, shares=shares)),
        seed=seed,
        n_samples=n_samples,
    )


def conditional_shift(*, seed: int, severity: float, n_samples: int) -> DomainPair:
    """Conditional shift: p(y) stays, each class moves in its own direction, so p(x | y) and p(y | x) change."""
    centers = CENTERS + severity * MOVES
    return _pair(
        ("blobs", blobs),
        ("conditional-shift", lambda n, rng: blobs(n, rng, centers=centers)),
        seed=seed,
        n_samples=n_samples,
    )


def subspace_shift(*, seed: int, severity: float, n_samples: int) -> DomainPair:
    """Subspace shift: the heights, which separate the classes, stay; along the other axis the target lies elsewhere, mirrored."""
    bands, moved = (partial(blobs, centers=BANDS + share * LEAP) for share in (0.0, severity))
    return _pair(
        ("bands", bands),
        ("subspace-shift", moved),
        seed=seed,
        n_samples=n_samples,
        class_names=BAND_NAMES,
    )


def _pair(
    source: tuple[str, Sample],
    target: tuple[str, Sample],
    *,
    seed: int,
    n_samples: int,
    class_names: tuple[str, ...] = BLOB_NAMES,
) -> DomainPair:
    """Four new samples; test sets are as large as training sets."""
    rng = np.random.default_rng(seed)

    def draw(named: tuple[str, Sample]) -> Domain:
        x, y = named[1](n_samples, rng)
        order = rng.permutation(n_samples)
        return Domain(named[0], x[order].astype(np.float32), y[order], class_names)

    return DomainPair(
        draw(source), draw(target), source_test=draw(source), target_test=draw(target)
    )
