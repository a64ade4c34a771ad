"""GFK (Gong et al., 2012): compare points in all subspaces on the geodesic from the source's subspace to the target's."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner
from tltutor.classical.subspaces import two_bases
from tltutor.settings import Setting


def geodesic(Ps: np.ndarray, Pt: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A, D (d, k) and angles (k,): A cos(t angle) + D sin(t angle), 0 <= t <= 1, leads from span Ps to span Pt.

    A and B are the principal vectors of both subspaces, A'B = diag(cos angle); D is the unit part of B that is orthogonal
    to A (0 at angle 0).
    """
    U, cosine, Vt = np.linalg.svd(Ps.T @ Pt)
    A, B = Ps @ U, Pt @ Vt.T
    away = B - A * cosine
    sine = np.linalg.norm(away, axis=0)
    rotated = sine > 1e-8
    return (
        A,
        np.where(rotated, away / np.where(rotated, sine, 1), 0),
        np.where(rotated, np.arctan2(sine, cosine), 0),
    )


def geodesic_flow_kernel(Ps: np.ndarray, Pt: np.ndarray) -> np.ndarray:
    """Return G = integral over t in 0..1 of Phi(t) Phi(t)' (d, d), of orthonormal bases (d, k) (Gong et al., 2012, eq. 5 and 6).

    G = A L1 A' + A L2 D' + D L2 A' + D L3 D' with the integrals of cos^2, cos sin and sin^2 of t * angle.
    """
    A, D, angle = geodesic(Ps, Pt)
    safe = np.where(angle > 0, angle, 1)  # at angle 0: cos^2 gives 1, the others 0
    swing = np.where(angle > 0, np.sin(2 * angle) / (2 * safe), 1)
    L1, L3 = (1 + swing) / 2, (1 - swing) / 2
    L2 = np.where(angle > 0, (1 - np.cos(2 * angle)) / (4 * safe), 0)
    cross = (A * L2) @ D.T
    return (A * L1) @ A.T + cross + cross.T + (D * L3) @ D.T


class GFK(Aligner):
    """Map x to (x - its domain's mean) G^(1/2): inner products there are the kernel's, so any classifier can follow.

    Fitted: `root_` G^(1/2) (d, d), `source_mean_` and `target_mean_` (d,).
    """

    name = "gfk"
    title = "GFK (geodesic flow kernel)"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS,)

    def __init__(self, n_components: int = 0) -> None:
        self.n_components = n_components

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        values, vectors = np.linalg.eigh(
            geodesic_flow_kernel(*two_bases(Xs, Xt, self.n_components))
        )
        self.root_ = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
        self.source_mean_, self.target_mean_ = Xs.mean(axis=0), Xt.mean(axis=0)

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return (X - self.source_mean_) @ self.root_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.target_mean_) @ self.root_
