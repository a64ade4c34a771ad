"""The proxy A-distance as a score: the better the domains can be told apart, the farther the source."""

from __future__ import annotations

from tltutor.language import mark
from tltutor.metrics.a_distance import proxy_a_distance
from tltutor.metrics.score import Score
from tltutor.projections.checks import Array


def domain_distance(source_features: Array, target_features: Array, *, seed: int = 0) -> float:
    """Return `proxy_a_distance` of source_features (n, d) and target_features (m, d): 2 for domains told apart without error."""
    return proxy_a_distance(source_features, target_features, seed)


SCORE = Score(
    "a_distance",
    mark("Proxy A-distance (can the domains be told apart?)"),
    "Ben-David et al., 2007",
    mark("It sees no labels: one pixel may tell domains apart, and mirrored digits look near."),
    domain_distance,
    sign=-1,
)
