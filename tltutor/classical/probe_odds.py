"""Probe odds (Bickel et al., 2009): a probabilistic classifier of target against source gives their density ratio."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tltutor.classical.weights import Ratio
from tltutor.settings import Setting


class ProbeOdds(Ratio):
    """w(x) = n_s / n_t * P(target | x) / P(source | x), by logistic regression on standardized features.

    By Bayes' rule these odds are p_t(x) / p_s(x) (Qin, 1998; Bickel et al., 2009, eq. 6). Exact where log(p_t / p_s) is
    linear in x, as for Gaussians of one covariance. Fitted: `probe_`, `scaler_`, `log_prior_` log(n_s / n_t).
    """

    name = "probe_odds"
    title = "Probe odds (logistic regression)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "C",
            1.0,
            0.0001,
            10000.0,
            "log",
            text="Inverse penalty on the probe's weights: small C makes flat weights.",
        ),
    )

    def __init__(self, C: float = 1.0) -> None:
        self.C = C

    def _learn(self, Xs: np.ndarray, Xt: np.ndarray) -> None:
        x = np.concatenate([Xs, Xt])
        self.scaler_ = StandardScaler().fit(x)
        self.probe_ = LogisticRegression(C=self.C, max_iter=1000)
        self.probe_.fit(self.scaler_.transform(x), np.repeat([0, 1], [len(Xs), len(Xt)]))
        self.log_prior_ = np.log(len(Xs) / len(Xt))

    def _ratio(self, X: np.ndarray) -> np.ndarray:
        logit = self.probe_.decision_function(self.scaler_.transform(X))
        return np.exp(np.clip(logit + self.log_prior_, -500, 500))
