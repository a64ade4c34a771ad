"""Lesson 09's exercises: the power of a symmetric matrix, and with it CORAL's map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tltutor.classical.coral import CORAL, power
from tltutor.lessons.exercises import Exercise


def sample(seed: int, n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def covariance(seed: int, d: int) -> np.ndarray:
    return np.cov(sample(seed, 20, d).T)


def coral(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """The package's map of the source, with equal covariances."""
    return CORAL(reg=0).fit_transform(xs, target=xt)


def eigenvectors(C: np.ndarray) -> np.ndarray:
    return np.linalg.eigh(C).eigenvectors


def powered(C: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    values, vectors = np.linalg.eigh(C)
    found: np.ndarray = (vectors * change(values)) @ vectors.T
    return found


def stretch(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    """The source about its own mean, with the target's covariance."""
    found: np.ndarray = coral(xs, xt) - xt.mean(0)
    return found


def other_order(xs: np.ndarray, xt: np.ndarray) -> np.ndarray:
    A = power(np.cov(xt.T), 0.5) @ power(np.cov(xs.T), -0.5)
    found: np.ndarray = (xs - xs.mean(0)) @ A + xt.mean(0)
    return found


EXERCISES = {
    "power": Exercise(
        oracle=power,
        cases=[(covariance(0, 2), 0.5), (covariance(1, 3), -0.5), (covariance(2, 4), 2.0)],
        mistakes={
            "times": lambda C, exponent: powered(C, lambda values: values * exponent),
            "none": lambda C, _: C,
            "transpose": lambda C, exponent: power(C, exponent) @ eigenvectors(C) @ eigenvectors(C),
        },
    ),
    "coral": Exercise(
        oracle=coral,
        cases=[(sample(3, 30, 2), sample(4, 25, 2)), (sample(5, 20, 3), sample(6, 40, 3))],
        mistakes={
            "stays": lambda xs, xt: stretch(xs, xt) + xs.mean(0),
            "center": stretch,
            "order": other_order,
            "roles": lambda xs, xt: coral(xt, xs),
        },
    ),
}
