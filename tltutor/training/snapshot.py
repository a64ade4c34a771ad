"""Take a look at a network: the points of the map, which domains are judged, and the decision regions of 2-D inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tltutor.events import Regions
from tltutor.networks.inference import outputs

if TYPE_CHECKING:
    from tltutor.domains import Domain, DomainPair
    from tltutor.networks import Network

GRID = 48  # cells a side of the decision regions
MARGIN = 0.08  # of the points' extent, around the decision regions


@dataclass(frozen=True, eq=False)
class SnapshotPoints:
    """The examples on the map, source first: x (n, ...), labels (n,) with -1 for unknown, is_target (n,) bool, texts (n or 0)."""

    x: np.ndarray
    labels: np.ndarray
    is_target: np.ndarray
    texts: tuple[str, ...] = ()

    @property
    def shown(self) -> np.ndarray:
        """What a person sees of each point: its text (n,) where both domains have texts, else the example itself (n, ...)."""
        return np.array(self.texts) if self.texts else self.x


def evaluation_domains(pair: DomainPair) -> tuple[Domain, Domain]:
    """The held-out parts of source and target, or the training parts where nothing is held out."""
    return pair.source_test or pair.source, pair.target_test or pair.target


def choose_points(pair: DomainPair, size: int, seed: int) -> SnapshotPoints:
    """Half the points from each domain's held-out part, drawn by seed; a domain that has fewer gives all it has."""
    rng = np.random.default_rng(seed)
    domains = evaluation_domains(pair)
    rows = [np.sort(rng.permutation(len(d))[: max(size // 2, 2)]) for d in domains]
    labels = [np.full(len(d), -1) if d.y is None else d.y for d in domains]
    texts = [d.texts[row] for d, r in zip(domains, rows, strict=True) for row in r] if all(d.texts for d in domains) else []
    return SnapshotPoints(
        x=np.concatenate([d.x[r] for d, r in zip(domains, rows, strict=True)]),
        labels=np.concatenate([y[r] for y, r in zip(labels, rows, strict=True)]),
        is_target=np.repeat([False, True], [len(r) for r in rows]),
        texts=tuple(texts),
    )


def decision_regions(network: Network, x: np.ndarray, domain: Literal["source", "target"]) -> Regions:
    """The class predicted at the middle of each of GRID x GRID cells that cover the 2-D examples x (n, 2) and a margin."""
    low, high = x.min(0), x.max(0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    (left, bottom), (right, top) = low - margin, high + margin
    middles = (np.arange(GRID) + 0.5) / GRID
    across, up = np.meshgrid(left + middles * (right - left), bottom + middles * (top - bottom))
    _, logits = outputs(network, np.stack([across.ravel(), up.ravel()], 1).astype(np.float32), domain)
    grid = logits.argmax(1).reshape(GRID, GRID).cpu().numpy()
    return Regions(grid, (float(left), float(bottom), float(right), float(top)))
