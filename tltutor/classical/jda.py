"""JDA (Long et al., 2013): TCA, and the classes' means agree as well, with the target's classes guessed anew each round."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from tltutor.classical.aligner import COMPONENTS
from tltutor.classical.components import domain_contrast, transfer_components
from tltutor.classical.kernels import WIDTH
from tltutor.classical.tca import KERNEL, MU, TCA
from tltutor.settings import Setting


def class_contrasts(ys: np.ndarray, guessed: np.ndarray) -> np.ndarray:
    """One column (n_s + n_t,) a class c: 1 / n_s(c) on its source rows, -1 / n_t(c) on the target rows guessed to be c.

    The sum over columns of l l' is the sum of M_c (Long et al., 2013, eq. 7). A class that nobody guesses has no column.
    """
    columns = [
        np.concatenate([(ys == c) / (ys == c).sum(), -1.0 * (guessed == c) / (guessed == c).sum()])
        for c in np.unique(ys)
        if (guessed == c).any()
    ]
    return np.stack(columns, axis=1)


class JDA(TCA):
    """As TCA with M = L + sum of M_c (Long et al., 2013, eq. 9), ten rounds; classes are guessed by the nearest source neighbour.

    Only the source's labels are used. The paper divides K by nothing and sets lambda = 1 (here mu), the linear kernel, k = 100.
    """

    name = "jda"
    title = "JDA (transfer components, class by class)"
    settings: ClassVar[tuple[Setting, ...]] = (
        COMPONENTS,
        KERNEL,
        WIDTH,
        MU,
        Setting("rounds", 10, 1, 100, "int", symbol="T", text="How often the target's classes are guessed anew."),
    )
    needs_labels = True

    def __init__(
        self,
        components: int = 0,
        kernel: Literal["gaussian", "linear"] = "gaussian",
        width: float = 1.0,
        *,
        mu: float = 1.0,
        rounds: int = 10,
    ) -> None:
        super().__init__(components, kernel, width, mu=mu)
        self.rounds = rounds

    def _fit(self, Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray) -> None:
        super()._fit(Xs, ys, Xt)  # TCA: where the first guess comes from
        K, k = self._kernel(self.pooled_), self.components_.shape[1]
        marginal = domain_contrast(len(Xs), len(Xt))[:, None]
        guessed = self._guess(K, ys)
        for _ in range(self.rounds):
            self.components_ = transfer_components(K, np.hstack([marginal, class_contrasts(ys, guessed)]), self.mu, k)
            guessed, before = self._guess(K, ys), guessed
            if (guessed == before).all():  # the next round would be the same
                break

    def _guess(self, K: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """The class of the nearest source point, for each target point: (n_t,)."""
        z = K @ self.components_
        return KNeighborsClassifier(1).fit(z[: len(ys)], ys).predict(z[len(ys) :])
