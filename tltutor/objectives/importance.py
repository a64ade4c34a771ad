"""Importance weighting (Shimodaira, 2000): a source example counts as much as the target is denser than the source where it lies."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_labels, check_weights
from tltutor.objectives.objective import LAMBDA, Batch, Objective
from tltutor.objectives.tokens import are_tokens, counts

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

EXPONENT = replace(
    LAMBDA,
    high=1.0,
    scale="linear",
    text="Exponent of the weights; 0 weights all alike, which is source-only.",
)


def weighted_loss(z: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """Return mean_i w_i CE(z_i, y_i) of logits z (n, k), classes y (n,) and weights (n,).

    With w = p_t(x) / p_s(x) and labels that depend on x alike in both domains, it estimates the target's loss without bias
    (Shimodaira, 2000, section 2).
    """
    check_features(z=z)
    check_labels(z, y=y)
    check_weights(z, weights=weights)
    return (weights * F.cross_entropy(z, y, reduction="none")).mean()


def log_odds(xs: np.ndarray, xt: np.ndarray) -> tuple[np.ndarray, float]:
    """Return slope (d,) and intercept of a domain probe's log P(target | x) / P(source | x) + log n_s / n_t = log p_t(x) / p_s(x).

    A logistic regression on standardized inputs xs (n_s, d) and xt (n_t, d) (Bickel et al., 2009, eq. 6); exact where the
    logarithm of the ratio is linear in x, as for Gaussians of one covariance.
    """
    from sklearn.linear_model import LogisticRegression  # late: it takes a while to load

    x = np.concatenate([xs, xt])
    mean, sd = x.mean(0), np.maximum(x.std(0), 1e-12)
    probe = LogisticRegression(max_iter=1000)
    probe.fit((x - mean) / sd, np.repeat([0, 1], [len(xs), len(xt)]))
    slope = probe.coef_[0] / sd
    return slope, float(probe.intercept_[0] - slope @ mean + np.log(len(xs) / len(xt)))


def _rows(x: Tensor) -> Tensor:
    """Return inputs x (n, ...) as rows (n, d); of texts, how often each token occurs."""
    return counts(x) if are_tokens(x) else x.flatten(1)


class ImportanceWeighting(Objective):
    """loss = mean_i w_i CE_i, w_i = (p_t(x_i) / p_s(x_i))^lambda over its mean on the source.

    The ratio is `log_odds` of a domain probe on the inputs, fitted once. lambda < 1 flattens the weights: more bias, less
    variance (Shimodaira, 2000, section 5). Like source-only, it shows the network no target example.
    """

    name = "importance-weighting"
    title = "Importance weighting (a probe's odds)"
    terms = ("task",)
    family = "reweighting"
    year = 2000
    weight = EXPONENT
    acts_on = "predictions"
    batches: ClassVar[frozenset[str]] = frozenset({"source"})
    batchnorm: ClassVar[Literal["source"]] = "source"

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        xs, xt = (
            _rows(torch.tensor(d.x)).numpy().astype(np.float64) for d in (pair.source, pair.target)
        )
        slope, intercept = log_odds(xs, xt)
        device = next(network.parameters()).device
        self.slope = torch.tensor(slope, device=device, dtype=torch.float32)
        self.intercept = intercept
        self.of_source = self.log_ratio(torch.tensor(pair.source.x, device=device))

    def log_ratio(self, x: Tensor) -> Tensor:
        """Return log p_t(x) / p_s(x), as the probe has it, of inputs x (n, ...): (n,)."""
        return _rows(x).to(self.slope.dtype) @ self.slope + self.intercept

    def source_weights(self, x: Tensor, weight: float) -> Tensor:
        of_source = weight * self.of_source
        log_mean = of_source.logsumexp(0) - math.log(len(of_source))
        return (weight * self.log_ratio(x) - log_mean).exp()

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        w = self.source_weights(batch.xs, batch.weight).to(batch.zs.dtype)
        return {"task": weighted_loss(batch.zs, batch.ys, w)}
