"""The densities of the two-dimensional toys, which are known: so are the exact importance weights p_t(x) / p_s(x)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from tltutor import checks
from tltutor.domains import toys
from tltutor.domains.registry import PAIRS
from tltutor.settings import check_name

LogDensity: TypeAlias = Callable[[np.ndarray], np.ndarray]
BLOB_SPREAD, WAVE_SPREAD = 0.6, 0.8  # standard deviations, as `toys` draws them
NODES = 400  # of the integral over a half circle


def density_ratio(pair: str, x: Any, **options: Any) -> np.ndarray:
    """Return the exact p_t(x) / p_s(x) of a toy pair of this name and options at points x (n, 2): (n,).

    By it, estimates such as KLIEP's are judged, and the weighted source risk is the target's (Shimodaira, 2000). The moons'
    density is an integral over their half circles. Where the source is all but absent, it may be infinite.
    Errors: ValueError for a pair whose densities are not known, unknown options, values out of bounds, and other shapes.
    """
    source, target = log_densities(pair, **options)
    points = checks.as_array(x, what="x").astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(
            f"x must be points (n, 2), got shape {points.shape}: pass a toy domain's x, such as pair.source.x"
        )
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(target(points) - source(points)))


def log_densities(pair: str, **options: Any) -> tuple[LogDensity, LogDensity]:
    """Return log p_s and log p_t of a toy pair, functions of points (n, 2) that return (n,). Errors: as `density_ratio`."""
    build = DENSITIES[check_name(pair, DENSITIES, what="pair with known densities")]
    known = {setting.name: setting for setting in PAIRS[pair].options}
    for option in options:
        check_name(option, known, what=f"option of the pair {pair!r}")
    return build({n: s.check(options.get(n, s.default)) for n, s in known.items()})


def gaussians(centers: np.ndarray, spread: float, shares: np.ndarray | None = None) -> LogDensity:
    """Return the log density of a mixture of round Gaussians around centers (k, 2), with shares (k,), by default equal ones."""
    shares = np.full(len(centers), 1 / len(centers)) if shares is None else shares
    unit = np.log(2 * np.pi * spread**2)

    def log_density(x: np.ndarray) -> np.ndarray:
        d2 = np.square(x[:, None] - centers).sum(-1)  # (n, k)
        return _log_mean(-d2 / (2 * spread**2) - unit, shares)

    return log_density


def half_circles(noise: float, angle: float) -> LogDensity:
    """Return the log density of the moons, turned by `angle` degrees: Gaussians all along two half circles. noise: above 0."""
    if not noise > 0:
        raise ValueError(
            "moons without noise have no density in the plane, got noise=0: take some, such as 0.1"
        )
    t = np.pi * (np.arange(NODES) + 0.5) / NODES  # the midpoint rule
    upper = np.column_stack([np.cos(t) - 0.5, np.sin(t) - 0.25])
    return gaussians(toys.rotate_points(np.concatenate([upper, -upper]), angle), noise)


def _log_mean(exponents: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return log sum_k shares_k exp(exponents_nk): (n,)."""
    top = exponents.max(1, keepdims=True)
    return np.asarray(np.log(np.exp(exponents - top) @ shares) + top[:, 0])


def _covariate(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    at = ((2 * share - 1) * toys.SIDE[None] for share in (0.0, o["severity"]))
    source, target = (gaussians(center, WAVE_SPREAD) for center in at)
    return source, target


def _label(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    even = np.full(len(toys.CENTERS), 1 / len(toys.CENTERS))
    shares = (1 - o["severity"]) * even + o["severity"] * toys.TARGET_SHARES
    return gaussians(toys.CENTERS, BLOB_SPREAD), gaussians(toys.CENTERS, BLOB_SPREAD, shares)


def _conditional(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    moved = toys.CENTERS + o["severity"] * toys.MOVES
    return gaussians(toys.CENTERS, BLOB_SPREAD), gaussians(moved, BLOB_SPREAD)


def _subspace(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    moved = toys.BANDS + o["severity"] * toys.LEAP
    return gaussians(toys.BANDS, BLOB_SPREAD), gaussians(moved, BLOB_SPREAD)


def _blobs(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    turned = toys.rotate_points(toys.CENTERS, o["angle"])
    return gaussians(toys.CENTERS, BLOB_SPREAD), gaussians(turned, BLOB_SPREAD)


def _moons(o: Mapping[str, Any]) -> tuple[LogDensity, LogDensity]:
    return half_circles(o["noise"], 0.0), half_circles(o["noise"], o["angle"])


DENSITIES: Mapping[str, Callable[[Mapping[str, Any]], tuple[LogDensity, LogDensity]]] = {
    "moons->rotated-moons": _moons,
    "blobs->rotated-blobs": _blobs,
    "wave->covariate-shift": _covariate,
    "blobs->label-shift": _label,
    "blobs->conditional-shift": _conditional,
    "bands->subspace-shift": _subspace,
}
