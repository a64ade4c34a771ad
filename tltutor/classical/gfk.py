"""GFK (Gong et al., 2012): compare points in all subspaces on the way from the source's to the target's."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tltutor.classical.aligner import N_COMPONENTS, Aligner
from tltutor.classical.subspaces import two_bases
from tltutor.settings import Setting


def geodesic(Ps: np.ndarray, Pt: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, D (d, k) and angles (k,), so that A cos(t angle) + D sin(t angle), 0 <= t <= 1, leads from span Ps to span Pt.

    A and B are the principal vectors of both subspaces, A'B = diag(cos angle), D the unit part of B that A lacks (0 at angle 0).
    """
    U, cosine, Vt = np.linalg.svd(Ps.T @ Pt)
    A, B = Ps @ U, Pt @ Vt.T
    away = B - A * cosine
    sine = np.linalg.norm(away, axis=0)
    turned = sine > 1e-8
    return A, np.where(turned, away / np.where(turned, sine, 1), 0), np.where(turned, np.arctan2(sine, cosine), 0)


def geodesic_flow_kernel(Ps: np.ndarray, Pt: np.ndarray) -> np.ndarray:
    """G = integral over t in 0..1 of Phi(t) Phi(t)' (Gong et al., 2012, eq. 5 and 6), of orthonormal bases (d, k): (d, d).

    G = A L1 A' + A L2 D' + D L2 A' + D L3 D' with the integrals of cos^2, cos sin and sin^2 of t * angle.
    """
    A, D, angle = geodesic(Ps, Pt)
    wide = np.where(angle > 0, angle, 1)  # at angle 0: cos^2 gives 1, the others 0
    swing = np.where(angle > 0, np.sin(2 * angle) / (2 * wide), 1)
    L1, L3 = (1 + swing) / 2, (1 - swing) / 2
    L2 = np.where(angle > 0, (1 - np.cos(2 * angle)) / (4 * wide), 0)
    cross = (A * L2) @ D.T
    return (A * L1) @ A.T + cross + cross.T + (D * L3) @ D.T


class GFK(Aligner):
    """x to (x - its domain's mean) G^(1/2): inner products there are the kernel's, so that any classifier can follow."""

    name = "gfk"
    title = "GFK (geodesic flow kernel)"
    settings: ClassVar[tuple[Setting, ...]] = (N_COMPONENTS,)

    def __init__(self, n_components: int = 0) -> None:
        self.n_components = n_components

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        values, vectors = np.linalg.eigh(geodesic_flow_kernel(*two_bases(Xs, Xt, self.n_components)))
        self.root_ = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
        self.source_mean_, self.target_mean_ = Xs.mean(axis=0), Xt.mean(axis=0)

    def _map_source(self, X: np.ndarray) -> np.ndarray:
        return (X - self.source_mean_) @ self.root_

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return (X - self.target_mean_) @ self.root_
