"""Projections: from features (n, d) to a map (n, 2) whose state is kept from snapshot to snapshot; the list of all by name."""

from __future__ import annotations

from typing import Any

from tltutor.projections.beside import part_of
from tltutor.projections.discriminant import Discriminant
from tltutor.projections.inputs import Inputs
from tltutor.projections.pca import PCA
from tltutor.projections.projection import Projection
from tltutor.projections.tour import Tour
from tltutor.projections.tsne import TSNE
from tltutor.projections.umap import UMAP
from tltutor.settings import check_name

PROJECTIONS: dict[str, type[Projection]] = {
    c.name: c for c in (PCA, Discriminant, Tour, TSNE, UMAP)
}

MAPS: dict[str, type[Projection | Inputs]] = {
    **PROJECTIONS,
    Inputs.name: Inputs,
}  # Inputs ignores the features


def projection_names() -> tuple[str, ...]:
    """Return the names of all projections."""
    return tuple(PROJECTIONS)


def find_map(projection: str | type[Projection]) -> type[Projection | Inputs]:
    """Return the class of this name; a projection class of your own is returned as it is. Raises ValueError for other names."""
    if isinstance(projection, type) and issubclass(projection, Projection):
        return projection
    return MAPS[check_name(projection, MAPS, what="projection")]


def build_projection(
    projection: str | type[Projection], seed: int = 0, **settings: Any
) -> Projection:
    """Build a projection by name, or from a class of your own, with these settings (and `device=`). ValueError: unknown name."""
    if isinstance(projection, str):
        projection = PROJECTIONS[check_name(projection, PROJECTIONS, what="projection")]
    return projection(seed=seed, **settings)


__all__ = [
    "MAPS",
    "PCA",
    "PROJECTIONS",
    "TSNE",
    "UMAP",
    "Discriminant",
    "Inputs",
    "Projection",
    "Tour",
    "build_projection",
    "find_map",
    "part_of",
    "projection_names",
]
