"""Compiled loops for the live maps on the CPU. Learners need not read this file: it holds no idea that is not elsewhere.

The formulas are `tsne_gradient` (tsne.py), `umap_gradient` (umap.py), `moments` (perplexity.py) and `Moving.advance`
(descent.py), and the tests hold the two ways equal. Here they are loops over pairs of points, compiled by numba, that keep
no n x n matrix except the affinities: a step is five to eight times as fast. The one door is `backend.compiled_loops`.
The compiled code is cached on disk where that is possible, and runs without Python's lock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

f, i = np.float32, np.int32
ONE, FOUR = f(1), f(4)
# Chebyshev fits (numpy.polynomial) of log2 on 1..2 and of 2^x on 0..1, lowest power first: errors below 2e-5 and 4e-6
LOG = tuple(map(f, (-2.78792621, 5.04785541, -3.48987855, 1.58947429, -0.40251339, 0.04300496)))
EXP = tuple(map(f, (1.00000349, 0.69297292, 0.24160436, 0.051745, 0.01367031)))
BIAS, FRACTION = (
    i(127),
    i(23),
)  # of a float32: the offset of its exponent, and the number of bits below the exponent
LOG2_E, LOWEST = f(math.log2(math.e)), f(-63)
BELOW = i(64)  # keeps the number positive, so that truncation rounds down


TRIES = 20  # a cell begins and ends: builtins change twice, and not again within the milliseconds of the next try


def _wake() -> None:
    """Have numba set itself up, in the player's thread: it walks over Python's builtins, which IPython changes around each cell.

    A walk that is disturbed raises a RuntimeError and leaves nothing behind; then numba is asked again.
    """
    for left in reversed(range(TRIES)):
        try:
            numba.njit("void()")(_nothing)
        except RuntimeError:
            if not left:
                raise
        else:
            return


def _nothing() -> None:
    pass


_wake()


def compiled(loop: Callable[..., Any]) -> Any:
    """Compile a loop at its first call, without Python's lock; fastmath lets a sum add several terms at a time."""
    how: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **how)(loop)
    except RuntimeError:  # no folder for the cache
        return numba.njit(**how)(loop)


@compiled
def power_of_two(z: Any) -> Any:
    """Return 2^z for -63 < z < 127."""
    whole = i(z + f(BELOW)) - BELOW
    x = z - f(whole)  # 0 <= x < 1
    return (EXP[0] + x * (EXP[1] + x * (EXP[2] + x * (EXP[3] + x * EXP[4])))) * i(
        (whole + BIAS) << FRACTION
    ).view(f)


@compiled
def power(s: Any, b: Any, log_a: Any) -> Any:
    """Return a s^b = 2^(log2 a + b log2 s) for s > 0: log2 s is the exponent of the float32 plus a polynomial of its fraction."""
    bits = f(s).view(i)
    exponent = f((bits >> FRACTION) - BIAS)
    m = i((bits & i(0x7FFFFF)) | (BIAS << FRACTION)).view(f)  # 1 <= m < 2
    log = exponent + LOG[0] + m * (LOG[1] + m * (LOG[2] + m * (LOG[3] + m * (LOG[4] + m * LOG[5]))))
    return power_of_two(b * log + log_a)


@compiled
def _umap(y: Any, p: Any, rate: Any, constants: Any) -> Any:
    log_a, b, repulsion, epsilon = constants
    y0, y1 = y[0], y[1]
    out = np.zeros_like(y)
    out0, out1 = out[0], out[1]
    for k in range(len(y0)):
        sum0 = sum1 = f(0)
        p_k, rate_k = p[k], rate[k]
        for j in range(k):  # each pair once: what it does to k, it does to j the other way
            d0, d1 = y0[k] - y0[j], y1[k] - y1[j]
            s = d0 * d0 + d1 * d1 + epsilon
            u = power(s, b, log_a)  # a s^b
            m = (p_k[j] * u - repulsion * (rate_k + rate[j])) / (s + s * u)
            sum0 += m * d0
            sum1 += m * d1
            out0[j] -= m * d0
            out1[j] -= m * d1
        out0[k] += sum0
        out1[k] += sum1
    return FOUR * b * out


@compiled
def _tsne(y: Any, p: Any, repulsion: Any) -> Any:
    y0, y1 = y[0], y[1]
    pulled, pushed = np.empty_like(y), np.empty_like(y)
    total = f(0)
    for k in range(len(y0)):
        pull0 = pull1 = push0 = push1 = row = f(0)
        p_k = p[k]
        for j in range(len(y0)):
            d0, d1 = y0[k] - y0[j], y1[k] - y1[j]
            w = ONE / (ONE + d0 * d0 + d1 * d1)
            pull, squared = p_k[j] * w, w * w
            pull0 += pull * d0
            pull1 += pull * d1
            push0 += squared * d0
            push1 += squared * d1
            row += w
        pulled[0, k], pulled[1, k], pushed[0, k], pushed[1, k] = pull0, pull1, push0, push1
        total += row - ONE  # without w_kk
    return FOUR * (pulled - repulsion / total * pushed)


@compiled
def _moments(d2: Any, beta: Any) -> Any:
    out = np.empty((3, len(d2)), np.float32)
    for k in range(len(d2)):
        total, mean, square = -ONE, f(0), f(0)  # without the point itself, whose weight is 1
        rate, d2_k = -beta[k] * LOG2_E, d2[k]
        for j in range(len(d2)):
            w = power_of_two(max(rate * d2_k[j], LOWEST))
            total += w
            mean += w * d2_k[j]
            square += w * d2_k[j] * d2_k[j]
        out[0, k], out[1, k], out[2, k] = total, mean / total, square / total
    return out


@compiled
def _advance(moving: Any, slope: Any, rate: Any, constants: Any) -> None:
    y, velocity, gains = moving
    momentum, growth, shrinkage, smallest, largest = constants
    for axis in range(2):
        for k in range(velocity.shape[1]):
            downhill = slope[axis, k] * velocity[axis, k] < 0
            gain = gains[axis, k] + growth if downhill else gains[axis, k] * shrinkage
            gains[axis, k] = min(max(gain, smallest), largest)
            velocity[axis, k] = (
                momentum * velocity[axis, k] - rate * gains[axis, k] * slope[axis, k]
            )
            y[axis, k] += velocity[axis, k]


def umap_gradient(
    y: Tensor, p: Tensor, *, rate: Tensor, a: float, b: float, repulsion: float, epsilon: float
) -> Tensor:
    """Return `umap.umap_gradient` (n, 2) at y (n, 2) for symmetric p (n, n), both float32 on the CPU.

    rate (n,): r_ij = rate_i + rate_j.
    """
    constants = (f(math.log2(a)), f(b), f(repulsion), f(epsilon))
    return torch.from_numpy(_umap(_by_axis(y), p.numpy(), rate.numpy(), constants)).T


def tsne_gradient(y: Tensor, p: Tensor, *, repulsion: float) -> Tensor:
    """Return `tsne.tsne_gradient` (n, 2) at y (n, 2) for p (n, n), both float32 on the CPU."""
    return torch.from_numpy(_tsne(_by_axis(y), p.numpy(), f(repulsion))).T


def moments(d2: Tensor, beta: Tensor) -> Tensor:
    """Return `perplexity.moments` of d2 (n, n), zero on its diagonal, at beta (n,): (3, n), one moment a row."""
    return torch.from_numpy(_moments(d2.numpy(), beta.numpy()))


def advance(
    y: Tensor,
    velocity: Tensor,
    gains: Tensor,
    *,
    slope: Tensor,
    rate: float,
    constants: tuple[float, ...],
) -> Any:
    """Return `Moving.advance`: new (y, velocity, gains), (n, 2) each. The constants are those of descent.py, in its order."""
    moving = tuple(_by_axis(part).copy() for part in (y, velocity, gains))
    _advance(moving, _by_axis(slope), f(rate), tuple(map(f, constants)))
    return tuple(torch.from_numpy(part).T for part in moving)


def _by_axis(part: Tensor) -> np.ndarray:
    """Return (n, 2) as (2, n), one coordinate after the other; without a copy where it is stored so."""
    return part.T.contiguous().numpy()
