"""CORAL (Sun, Feng & Saenko, 2016): whiten the source, then give it the target's covariance. Not the optimal transport map."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting


def power(C: np.ndarray, exponent: float) -> np.ndarray:
    """C^exponent of a symmetric C (d, d) without negative eigenvalues; directions without variance stay without."""
    values, vectors = np.linalg.eigh(C)
    there = values > 1e-10 * max(values.max(), 1e-300)
    return (vectors * np.where(there, np.where(there, values, 1) ** exponent, 0)) @ vectors.T


def covariances(xs: np.ndarray, xt: np.ndarray, reg: float) -> list[np.ndarray]:
    """Both covariances with 1 / (n - 1), plus reg times the mean variance of both: two (d, d). A single point varies not at all."""
    both = [np.atleast_2d(np.cov(x, rowvar=False)) if len(x) > 1 else np.zeros((x.shape[1],) * 2) for x in (xs, xt)]
    unit = sum(np.trace(C) for C in both) / (2 * xs.shape[1])
    return [C + reg * unit * np.eye(xs.shape[1]) for C in both]


def coral_matrix(Cs: np.ndarray, Ct: np.ndarray) -> np.ndarray:
    """A = Cs^(-1/2) Ct^(1/2) (Sun, Feng & Saenko, 2016, eq. 6 and algorithm 1), so that A' Cs A = Ct, of covariances (d, d)."""
    return power(Cs, -0.5) @ power(Ct, 0.5)


class CORAL(Aligner):
    """Source to x A with A = (cov Xs + reg I)^(-1/2) (cov Xt + reg I)^(1/2); the target stays where it is.

    The paper standardizes and takes reg = 1; here it is in units of the mean variance of both domains, which is the same there
    and follows the data elsewhere. Means are left alone (the paper's features have none): `with_mean=True` moves them too.
    """

    name = "coral"
    title = "CORAL (equal covariances)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "reg", 1.0, 0.0, 10.0, "log", unit="mean variances", symbol="λ", text="Added to both covariances; 0 makes them equal."
        ),
        Setting("with_mean", True, scale="switch", text="Whether the source's mean is moved onto the target's as well."),
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
