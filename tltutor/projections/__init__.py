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


def find_map(projection: str | type[Projection]) -> type[Projection | Inputs]:
    """The class of this name, or a projection class of your own as it is."""
    if isinstance(projection, type) and issubclass(projection, Projection):
        return projection
    return MAPS[check_name(projection, MAPS, what="projection")]


def build_projection(projection: str | type[Projection], seed: int = 0, **settings: Any) -> Projection:
    """A new projection, by name or of a class of your own, with these settings (and `device=`)."""
    if isinstance(projection, str):
        projection = PROJECTIONS[check_name(projection, PROJECTIONS, what="projection")]
    return projection(seed=seed, **settings)


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
    "find_map",
    "projection_names",
]
