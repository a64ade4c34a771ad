"""JDA (Long et al., 2013): TCA that also makes the classes' means agree, with pseudo-labels for the target."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from tltutor.classical.aligner import N_COMPONENTS
from tltutor.classical.components import domain_contrast
from tltutor.classical.kernels import WIDTH
from tltutor.classical.tca import KERNEL, MU, TCA, WHITEN
from tltutor.settings import Setting


def class_contrasts(ys: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return one column (n_s + n_t,) per class c: 1 / n_s(c) on its source rows, -1 / n_t(c) on target rows predicted as c.

    The sum over columns of l l' is the sum of M_c (Long et al., 2013, eq. 7). A class that is never predicted has no column.
    """
    columns = [
        np.concatenate(
            [(ys == c) / (ys == c).sum(), -1.0 * (predicted == c) / (predicted == c).sum()]
        )
        for c in np.unique(ys)
        if (predicted == c).any()
    ]
    return np.stack(columns, axis=1)


class JDA(TCA):
    """TCA with M = L + sum of M_c (Long et al., 2013, eq. 9), repeated: pseudo-labels come from the nearest source neighbor.

    Uses the source's labels only. The paper's rows have unit length: for its experiments put
    sklearn.preprocessing.Normalizer() in front (`pipeline(Normalizer(), JDA(), ...)`) and set kernel="linear",
    n_components=100; rows are left as they are here. Its lambda = 1, for M of norm 1, is about 0.02 in the units of `mu` here.
    Fitted: as TCA, and `n_iter_`, the rounds that were needed.
    """

    name = "jda"
    title = "JDA (transfer components, class by class)"
    settings: ClassVar[tuple[Setting, ...]] = (
        N_COMPONENTS,
        KERNEL,
        WIDTH,
        MU,
        WHITEN,
        Setting(
            "max_iter",
            10,
            1,
            100,
            "int",
            symbol="T",
            text="Rounds of pseudo-labels; fewer if they stop changing.",
        ),
    )
    needs_labels = True

    def __init__(
        self,
        n_components: int = 0,
        kernel: Literal["rbf", "linear"] = "rbf",
        width: float = 1.0,
        *,
        mu: float = 0.01,
        whiten: bool = False,
        max_iter: int = 10,
    ) -> None:
        super().__init__(n_components, kernel, width, mu=mu, whiten=whiten)
        self.max_iter = max_iter

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        super()._fit(Xs, ys, Xt)  # TCA gives the first pseudo-labels
        K = self._kernel(self.pooled_)
        marginal = domain_contrast(len(Xs), len(Xt))[:, None]
        predicted = self._pseudo_labels(K, ys)
        for self.n_iter_ in range(1, self.max_iter + 1):  # noqa: B020 - the fitted attribute counts the rounds
            self.eigenvectors_ = self._solve(
                K, np.hstack([marginal, class_contrasts(ys, predicted)])
            )
            predicted, before = self._pseudo_labels(K, ys), predicted
            if (predicted == before).all():  # the next round would be the same
                break

    def _pseudo_labels(self, K: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """Return the class of the nearest source point for each target point: (n_t,)."""
        z = K @ self.eigenvectors_
        return KNeighborsClassifier(1).fit(z[: len(ys)], ys).predict(z[len(ys) :])
