"""EM for label shift (Saerens et al., 2002) on calibrated answers (Alexandari et al., 2020): the class shares that explain them best."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp

from tltutor.classical.class_weights import ClassWeights
from tltutor.settings import Setting

MOST = 10_000  # iterations of EM
CLOSE = 1e-7  # of the shares from one iteration to the next
LEAST = 1e-12  # a probability below it counts as this


def bias_corrected(
    probabilities: np.ndarray, labels: np.ndarray, *, floor: float = 1e-3
) -> tuple[float, np.ndarray]:
    """Return 1 / T and b (k,) that make softmax(log p / T + b) the likeliest for the labels (n,) of probabilities p (n, k).

    Bias-corrected temperature scaling (Alexandari et al., 2020): with b, the mean probability of a class is its share, which
    EM needs and temperature alone does not give. Use examples that were not trained on. floor: of 1 / T.
    """
    z, k = np.log(np.clip(probabilities, LEAST, 1)), probabilities.shape[1]
    one_hot = np.eye(k)[labels]

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        log_p = log_softmax(theta[0] * z + theta[1:], axis=1)
        off = (np.exp(log_p) - one_hot) / len(z)
        gradient = np.concatenate([[(off * z).sum()], off.sum(0)])
        return float(-(one_hot * log_p).sum() / len(z)), gradient

    bounds = [(floor, 100.0), *[(-50.0, 50.0)] * k]
    start = np.concatenate([[1.0], np.zeros(k)])
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(found[0]), found[1:] - found[1:].mean()


def calibrated(probabilities: np.ndarray, inverse: float, b: np.ndarray) -> np.ndarray:
    """Return softmax(log p / T + b) of probabilities p (n, k): (n, k)."""
    z = np.log(np.clip(probabilities, LEAST, 1))
    return np.exp(log_softmax(inverse * z + b, axis=1))


def em_shares(target_probabilities: np.ndarray, source_shares: np.ndarray) -> np.ndarray:
    """Return the class shares q (k,) of the target under which its answers are the likeliest.

    target_probabilities (m, k): p(y | x) as the source has it, calibrated; source_shares p (k,), above 0. In turn: the
    answers under q, each p(y | x) q_y / p_y over its sum; and q, the mean of these answers (Saerens, Latinne & Decaestecker,
    2002). The log likelihood sum_i log sum_y p(y | x_i) q_y / p_y is concave in q, so that there is one maximum.
    """
    likelihood = (
        np.clip(target_probabilities, LEAST, 1) / source_shares
    )  # p(x | y), up to a factor of each x
    q = source_shares
    for _ in range(MOST):
        joint = likelihood * q
        new = (joint / joint.sum(1, keepdims=True)).mean(0)
        if np.abs(new - q).max() < CLOSE:
            return np.asarray(new)
        q = new
    return q


def log_likelihood(
    target_probabilities: np.ndarray, source_shares: np.ndarray, q: np.ndarray
) -> float:
    """Return the mean over examples of log sum_y p(y | x) q_y / p_y, which `em_shares` makes largest."""
    log_p = np.log(np.clip(target_probabilities, LEAST, 1))
    return float(logsumexp(log_p, b=q / source_shares, axis=1).mean())


class LabelEM(ClassWeights):
    """Weights q_y / p_y by EM on a classifier's answers (Saerens et al., 2002): for label shift alone.

    calibrate: correct temperature and bias of the answers first, on held-out source examples (Alexandari et al., 2020): EM
    believes the probabilities it is given.
    Expect less than no adaptation where p(x | y) moves, by about 15 points on Office-Caltech features: the domains' shares are
    equal there, and EM explains answers that are wrong on the target by shares that are not. Fitted: `classes_`, `target_shares_` (k,).
    """

    name = "label_em"
    title = "EM (label shift, by calibrated answers)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "calibrate",
            True,
            scale="switch",
            text="Correct the answers' temperature and bias on held-out source examples first.",
        ),
    )

    def __init__(self, calibrate: bool = True) -> None:
        self.calibrate = calibrate

    def _class_weights(self, ps: np.ndarray, pt: np.ndarray, codes: np.ndarray) -> np.ndarray:
        shares = np.bincount(codes) / len(codes)
        if self.calibrate:
            pt = calibrated(pt, *bias_corrected(ps, codes))
        return em_shares(pt, shares) / shares
