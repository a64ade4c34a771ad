"""CORAL (Sun, Feng & Saenko, 2016): whiten the source, then give it the target's covariance. It is not optimal transport's map."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting


def power(C: np.ndarray, exponent: float) -> np.ndarray:
    """Return C^exponent of a symmetric C (d, d) without negative eigenvalues; directions without variance stay without."""
    values, vectors = np.linalg.eigh(C)
    there = values > 1e-10 * max(values.max(), 1e-300)
    return (vectors * np.where(there, np.where(there, values, 1) ** exponent, 0)) @ vectors.T


def covariances(xs: np.ndarray, xt: np.ndarray, reg: float) -> list[np.ndarray]:
    """Return both covariances (d, d), with 1 / (n - 1), plus reg times the mean variance of both domains on the diagonal.

    A single point has covariance 0.
    """
    both = [
        np.atleast_2d(np.cov(x, rowvar=False)) if len(x) > 1 else np.zeros((x.shape[1],) * 2)
        for x in (xs, xt)
    ]
    unit = sum(np.trace(C) for C in both) / (2 * xs.shape[1])
    return [C + reg * unit * np.eye(xs.shape[1]) for C in both]


def coral_matrix(Cs: np.ndarray, Ct: np.ndarray) -> np.ndarray:
    """Return A = Cs^(-1/2) Ct^(1/2) (d, d), so that A' Cs A = Ct (Sun, Feng & Saenko, 2016, eq. 6 and algorithm 1)."""
    return power(Cs, -0.5) @ power(Ct, 0.5)


class CORAL(Aligner):
    """Map the source to x A with A = (cov Xs + reg I)^(-1/2) (cov Xt + reg I)^(1/2); the target stays in place.

    The paper standardizes and takes reg = 1. Here reg is in units of the mean variance of both domains: the same on
    standardized features, and it follows the data elsewhere. The paper's features have mean 0, so it moves no mean;
    `with_mean=True` moves the source's mean onto the target's as well. Fitted: `matrix_` A (d, d), `shift_` (d,).
    """

    name = "coral"
    title = "CORAL (equal covariances)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "reg",
            1.0,
            0.0,
            10.0,
            "log",
            unit="mean variances",
            symbol="λ",
            text="Added to both covariances; 0 makes them equal.",
        ),
        Setting(
            "with_mean",
            True,
            scale="switch",
            text="Whether the source's mean is moved onto the target's as well.",
        ),
    )

    def __init__(self, reg: float = 1.0, with_mean: bool = True) -> None:
        self.reg = reg
        self.with_mean = with_mean

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.matrix_ = coral_matrix(*covariances(Xs, Xt, self.reg))
        ms, mt = Xs.mean(axis=0), Xt.mean(axis=0)
        self.shift_ = (mt if self.with_mean else ms) - ms @ self.matrix_

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return X @ self.matrix_ + self.shift_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return X
