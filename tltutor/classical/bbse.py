"""BBSE (Lipton et al., 2018): under label shift, a classifier's confusions on the source say what its answers on the target mean."""

from __future__ import annotations

import numpy as np

from tltutor.classical.class_weights import ClassWeights


def bbse_weights(
    source_predictions: np.ndarray, source_labels: np.ndarray, target_predictions: np.ndarray
) -> np.ndarray:
    """Return w_y = q(y) / p(y) (k,) with C w = mu, C_ij = p(answer i, class j) on the source and mu_i = q(answer i) on the target.

    source_predictions (n,) and source_labels (n,) of held-out source examples, target_predictions (m,): class numbers 0 to
    k - 1. Negative weights become 0; if none is left, which a few examples can bring about, all are 1. Where C has no inverse,
    because two classes are confused alike, w is the shortest solution by least squares. Nothing is asked of the
    classifier but that C has an inverse; it may be wrong or overconfident.
    (Lipton, Wang & Smola, 2018, section 3.)
    """
    k = int(max(source_predictions.max(), source_labels.max(), target_predictions.max())) + 1
    C = np.zeros((k, k))
    np.add.at(C, (source_predictions, source_labels), 1 / len(source_labels))
    mu = np.bincount(target_predictions, minlength=k) / len(target_predictions)
    w = np.clip(np.linalg.lstsq(C, mu)[0], 0, None)
    return w if w.any() else np.ones(k)


class BBSE(ClassWeights):
    """Weights w_y = q(y) / p(y) by `bbse_weights` of a classifier's answers (Lipton et al., 2018): for label shift alone.

    Expect less than no adaptation where p(x | y) moves, without a sign of it, by about 2 points on Office-Caltech features: the
    domains' shares are equal there, and the weights follow a classifier that is wrong on the target.
    Fitted: `classes_`, `target_shares_` (k,).
    """

    name = "bbse"
    title = "BBSE (label shift, by confusions)"

    def _class_weights(self, ps: np.ndarray, pt: np.ndarray, codes: np.ndarray) -> np.ndarray:
        return bbse_weights(ps.argmax(1), codes, pt.argmax(1))
