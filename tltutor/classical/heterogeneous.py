"""Heterogeneous transfer: source and target measured in different feature spaces, joined by pairs or by a few labels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tltutor.classical.method import checked


@dataclass(frozen=True, eq=False)
class Shared:
    """A space that both sides map to, x -> (x - mean) @ A, of dimension k; `correlations` (k,) of the pairs' coordinates."""

    mean_s: np.ndarray  # (d_s,)
    mean_t: np.ndarray  # (d_t,)
    A_s: np.ndarray  # (d_s, k)
    A_t: np.ndarray  # (d_t, k)
    correlations: np.ndarray

    def source(self, xs: np.ndarray) -> np.ndarray:
        """Map source examples (n, d_s) to the shared space: (n, k)."""
        return np.asarray((xs - self.mean_s) @ self.A_s)

    def target(self, xt: np.ndarray) -> np.ndarray:
        """Map target examples (n, d_t) to the shared space: (n, k)."""
        return np.asarray((xt - self.mean_t) @ self.A_t)


def paired_cca(xs: np.ndarray, xt: np.ndarray, n_components: int, *, reg: float = 0.0) -> Shared:
    """Canonical correlation analysis (Hotelling, 1936) of pairs xs (n, d_s), xt (n, d_t): row i is one thing, seen twice.

    Coordinates are uncorrelated with variance 1; the first n_components pairs of them correlate most. reg: this share of
    each side's mean variance is added to its variances, for few pairs; it lowers the correlations.
    Errors: ValueError for anything but tables of finite numbers, unequal lengths, fewer than 2 pairs, a constant side, or
    n_components above the smaller rank. A UserWarning if the pairs are too few: any two spaces then correlate perfectly.
    """
    xs, xt = _table(xs, "source"), _table(xt, "target")
    _check_reg(reg)
    if len(xs) != len(xt) or len(xs) < 2:
        raise ValueError(
            f"pairs need as many source as target rows, 2 or more, got {len(xs)} and {len(xt)}"
        )
    mean_s, mean_t = xs.mean(0), xt.mean(0)
    n, cs, ct = len(xs), xs - mean_s, xt - mean_t
    W_s, W_t = _whitening(cs, reg), _whitening(ct, reg)
    most = min(W_s.shape[1], W_t.shape[1])
    if most == 0:
        raise ValueError(
            "both sides of the pairs must vary, and one is the same in every row: give features that differ"
        )
    if not 1 <= n_components <= most:
        raise ValueError(
            f"n_components must be between 1 and {most}, the smaller rank of the two sides, got {n_components}: take fewer"
        )
    if reg == 0 and W_s.shape[1] + W_t.shape[1] >= n:
        warnings.warn(
            f"{n} pairs are too few for ranks {W_s.shape[1]} and {W_t.shape[1]}: some correlations are 1 by chance; give reg="
            " above 0, or more pairs",
            stacklevel=2,
        )
    P, correlations, Q = np.linalg.svd(W_s.T @ cs.T @ ct @ W_t / (n - 1), full_matrices=False)
    return Shared(
        mean_s,
        mean_t,
        W_s @ P[:, :n_components],
        W_t @ Q[:n_components].T,
        correlations[:n_components],
    )


def _table(x: np.ndarray, side: str) -> np.ndarray:
    """Return the side's rows as floats (n, d), or raise a ValueError that says what is wrong with them."""
    return checked(x, f"{side} examples", lambda: _finite_table(x, side))


def _finite_table(x: np.ndarray, side: str) -> np.ndarray:
    rows = np.asarray(x, dtype=np.float64)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError(
            f"{side} examples must be a table (n, d) of finite numbers, got shape {rows.shape} with"
            f" {np.count_nonzero(~np.isfinite(rows))} that are not: flatten each example, and leave out or fill what is missing"
        )
    return rows


def _check_reg(reg: float) -> None:
    if not reg >= 0:
        raise ValueError(f"reg must be 0 or above, got {reg}: 0 adds nothing")


def _whitening(centered: np.ndarray, reg: float) -> np.ndarray:
    """Return W (d, rank) with W' (C + reg * mean variance * I) W = I, C the covariance of centered rows; without flat directions."""
    _, S, V = np.linalg.svd(centered, full_matrices=False)
    variance = S**2 / (len(centered) - 1)
    there = variance > 1e-10 * variance.max(initial=0)
    variance = variance + reg * variance.sum() / centered.shape[1]
    return np.asarray(V[there].T / np.sqrt(variance[there]))


@dataclass(frozen=True, eq=False)
class Projection:
    """A linear map of target examples to the source's space: x -> x @ A + b, A (d_t, d_s), b (d_s,)."""

    A: np.ndarray
    b: np.ndarray

    def __call__(self, xt: np.ndarray) -> np.ndarray:
        """Map target examples (n, d_t) to the source's space: (n, d_s)."""
        return np.asarray(xt @ self.A + self.b)


def projection_by_labels(
    source: tuple[np.ndarray, np.ndarray],
    target: tuple[np.ndarray, np.ndarray],
    *,
    reg: float = 1.0,
) -> Projection:
    """Fit the map that brings a few labeled target examples nearest to the source's class means, in the source's space.

    source: xs (n_s, d_s) with ys; target: xt (n_t, d_t) with yt. argmin_(A, b) sum_i ||x_i A + b - mean_(y_i)||^2 + reg ||A||^2:
    the least-squares form of an asymmetric transformation (Kulis, Saenko & Darrell, 2011). A classifier of
    the source can then classify the target. Errors: ValueError for a target class that the source lacks, for anything but
    tables of finite numbers, and for reg = 0 if the target's examples do not span their space: many maps are then equally near.
    """
    (xs, ys), (xt, yt) = source, target
    xs, xt = _table(xs, "source"), _table(xt, "target")
    _check_reg(reg)
    if len(xs) != len(ys) or len(xt) != len(yt):
        raise ValueError(
            f"each example must have a label, got {len(ys)} for {len(xs)} source and {len(yt)} for {len(xt)} target ones"
        )
    unknown = sorted(set(np.unique(yt).tolist()) - set(np.unique(ys).tolist()))
    if unknown or len(xt) == 0:
        raise ValueError(
            f"labeled target examples must be of the source's classes, got {unknown or 'none'}: leave others out"
        )
    wanted = np.stack([xs[ys == c].mean(0) for c in yt])
    center, goal = xt.mean(0), wanted.mean(0)
    x = xt - center
    if reg == 0 and np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError(
            f"{len(x)} target examples do not span their {x.shape[1]} features: give reg above 0, or more of them"
        )
    A = np.linalg.solve(x.T @ x + reg * np.eye(x.shape[1]), x.T @ (wanted - goal))
    return Projection(A, goal - center @ A)
