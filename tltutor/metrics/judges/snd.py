"""SND (Saito et al., 2021): do target examples have many neighbors that get the same answer?"""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array

CHUNK = 1024  # rows of similarities in memory at a time


def soft_neighborhood_density(target_probabilities: Array, *, temperature: float = 0.05) -> float:
    """Return the mean entropy of P_ij = exp(s_ij / T) / sum_(l != i) exp(s_il / T), j != i: 0 to log(m - 1) nats.

    s is the cosine of the target probabilities (m, k) of two examples, T the temperature. Time and memory grow as m^2.
    Raises ValueError for fewer than 2 examples, NaN and rows that are no distribution. (Saito et al., 2021, eq. 2 to 4; an
    example is no neighbor of itself. skada leaves it in with -s_ii, which weighs exp(-1 / T).)
    """
    p = as_probabilities(target_probabilities, "target_probabilities")
    if len(p) < 2:
        raise ValueError(
            "a neighborhood density needs at least 2 target examples, got 1: pass more"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}: 0.05 is usual")
    p = p / np.linalg.norm(p, axis=1, keepdims=True)
    found = [_densities(p, start, temperature) for start in range(0, len(p), CHUNK)]
    return float(np.concatenate(found).mean())


def _densities(p: np.ndarray, start: int, temperature: float) -> np.ndarray:
    """Return the entropy of the neighborhood of each row from `start` on: (CHUNK,) or fewer."""
    s = p[start : start + CHUNK] @ p.T / temperature
    rows = np.arange(len(s))
    s[rows, start + rows] = -np.inf
    s -= s.max(1, keepdims=True)
    weight = np.exp(s)
    total = weight.sum(1)
    s[rows, start + rows] = 0  # its weight is 0, and 0 * infinity is none
    return np.asarray(np.log(total) - (weight * s).sum(1) / total)


SCORE = Score(
    "snd",
    mark("SND (soft neighborhood density)"),
    "Saito et al., 2021",
    mark("A model that answers every example alike gets the best value."),
    soft_neighborhood_density,
)
