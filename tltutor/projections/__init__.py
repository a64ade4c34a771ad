"""The projections: features (n, d) to a map (n, 2) whose state is carried from look to look; here they get their names."""

from __future__ import annotations

from typing import Any

from tltutor.projections.discriminant import Discriminant
from tltutor.projections.inputs import Inputs
from tltutor.projections.linear import Linear
from tltutor.projections.projection import Projection
from tltutor.projections.tour import Tour
from tltutor.projections.tsne import TSNE
from tltutor.projections.umap import UMAP
from tltutor.settings import check_name

PROJECTIONS: dict[str, type[Projection]] = {c.name: c for c in (Linear, Discriminant, Tour, TSNE, UMAP)}

MAPS: dict[str, type[Projection | Inputs]] = {**PROJECTIONS, Inputs.name: Inputs}  # Inputs draws no features


def projection_names() -> tuple[str, ...]:
    """Names of all projections."""
    return tuple(PROJECTIONS)


def build_projection(name: str, seed: int = 0, **settings: Any) -> Projection:
    """A new projection by name with these settings (and `device=`)."""
    return PROJECTIONS[check_name(name, PROJECTIONS, what="projection")](seed=seed, **settings)


__all__ = [
    "MAPS",
    "PROJECTIONS",
    "TSNE",
    "UMAP",
    "Discriminant",
    "Inputs",
    "Linear",
    "Projection",
    "Tour",
    "build_projection",
    "projection_names",
]
