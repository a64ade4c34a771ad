"""IWA (Dinu et al., 2023): instead of choosing one of several models, add up their answers with the best weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tltutor.metrics.judges.losses import as_weights
from tltutor.metrics.probabilities import as_known_labels, as_probabilities
from tltutor.projections.checks import Array


def aggregation_weights(
    source_probabilities: Sequence[Array],
    source_labels: Array,
    target_probabilities: Sequence[Array],
    weights: Array | None = None,
) -> np.ndarray:
    """Return c = G^+ F (l,) of l models, the coefficients of their sum with the least squared error on the target.

    source_probabilities: l times (n, k), of held-out source examples with source_labels (n,); target_probabilities: l times
    (m, k), of unlabeled target examples; weights (n,): p_t / p_s of the source examples, by default 1. G_ij is the mean over
    the target of f_i(x) . f_j(x), F_i the mean over the source of w(x) y . f_i(x), with y one-hot; G^+ is the pseudo-inverse, so
    that a model that is there twice counts as one. Coefficients may be negative and need not add up to 1. Raises ValueError
    for no model, other shapes, unknown labels and rows that are no distribution.
    (Dinu et al., 2023. The error of the sum is then at most that of the best model, but for what sampling and weights do.)
    """
    source = _stacked(source_probabilities, "source_probabilities")
    target = _stacked(target_probabilities, "target_probabilities")
    if source.shape[::2] != target.shape[::2]:
        raise ValueError(
            f"both sides must hold the answers of the same models and classes, got {source.shape[::2]} and {target.shape[::2]}:"
            " pass them in one order"
        )
    y = as_known_labels(source_labels, source[0], "source_labels")
    n, m = source.shape[1], target.shape[1]
    w = np.ones(n) if weights is None else as_weights(weights, n)
    F = source[:, np.arange(n), y] @ w / n
    G = np.einsum("ink,jnk->ij", target, target) / m
    return np.asarray(np.linalg.pinv(G, rcond=1e-10, hermitian=True) @ F)


def aggregated(coefficients: Array, probabilities: Sequence[Array]) -> np.ndarray:
    """Return sum_i c_i f_i (n, k) of coefficients c (l,) and the answers of l models, each (n, k): scores, no distribution."""
    f, c = _stacked(probabilities, "probabilities"), np.asarray(coefficients, np.float64)
    if c.shape != (len(f),):
        raise ValueError(
            f"coefficients must have one number a model, got shape {c.shape} for {len(f)} models: take those of these models"
        )
    return np.asarray(np.einsum("i,ink->nk", c, f))


def _stacked(probabilities: Sequence[Array], what: str) -> np.ndarray:
    """Return the answers of all models (l, n, k), checked."""
    rows = [as_probabilities(p, f"{what}[{i}]") for i, p in enumerate(probabilities)]
    if not rows or len({p.shape for p in rows}) > 1:
        got = " and ".join(dict.fromkeys(str(p.shape) for p in rows)) or "none"
        raise ValueError(
            f"{what} must hold the answers of at least one model to the same examples, got {got}: ask each about all of them"
        )
    return np.stack(rows)
