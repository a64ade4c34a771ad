"""LDA of the source: a baseline. The directions in which the source's classes lie apart, whatever the target does."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tltutor.classical.aligner import Aligner
from tltutor.settings import Setting


class SourceLDA(Aligner):
    """x to Fisher's discriminants (Fisher, 1936), classes less one, by scikit-learn; `shrinkage` keeps few points from deciding."""

    name = "lda"
    title = "LDA of the source (aligns nothing)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "shrinkage",
            0.01,
            0.0001,
            1.0,
            "log",
            text="How far the covariance within classes is drawn to a multiple of the identity.",
        ),
    )
    needs_labels = True

    def __init__(self, shrinkage: float = 0.01) -> None:
        self.shrinkage = shrinkage

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        self.lda_ = LinearDiscriminantAnalysis(solver="eigen", shrinkage=self.shrinkage).fit(Xs, ys)

    def _map_target(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.lda_.transform(X))
