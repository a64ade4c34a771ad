"""Looking at a network without touching it: modes, statistics and random numbers are afterwards as they were before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from tltutor.events import Regions

if TYPE_CHECKING:
    from tltutor.domains import Domain, DomainPair
    from tltutor.networks import Network

GRID = 48  # cells a side of the decision regions
MARGIN = 0.08  # of the points' extent, around the decision regions
BATCH = 512  # examples of one forward pass; bounds the memory of an evaluation


@dataclass(frozen=True, eq=False)
class LookPoints:
    """The examples on the map, source first: x (n, ...), labels (n,) with -1 for unknown, is_target (n,) bool, texts (n or 0)."""

    x: np.ndarray
    labels: np.ndarray
    is_target: np.ndarray
    texts: tuple[str, ...] = ()

    @property
    def shown(self) -> np.ndarray:
        """What a person sees of each point: its text (n,) where both domains have texts, else the example itself (n, ...)."""
        return np.array(self.texts) if self.texts else self.x


def judged_domains(pair: DomainPair) -> tuple[Domain, Domain]:
    """The held-out parts of source and target, or the training parts where nothing is held out."""
    return pair.source_test or pair.source, pair.target_test or pair.target


def choose_points(pair: DomainPair, size: int, seed: int) -> LookPoints:
    """Half the points from each domain's held-out part, drawn by seed; a domain that has fewer gives all it has."""
    rng = np.random.default_rng(seed)
    domains = judged_domains(pair)
    rows = [np.sort(rng.permutation(len(d))[: max(size // 2, 2)]) for d in domains]
    labels = [np.full(len(d), -1) if d.y is None else d.y for d in domains]
    texts = [d.texts[row] for d, r in zip(domains, rows, strict=True) for row in r] if all(d.texts for d in domains) else []
    return LookPoints(
        x=np.concatenate([d.x[r] for d, r in zip(domains, rows, strict=True)]),
        labels=np.concatenate([y[r] for y, r in zip(labels, rows, strict=True)]),
        is_target=np.repeat([False, True], [len(r) for r in rows]),
        texts=tuple(texts),
    )


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """Inside, the network is in evaluation mode and records no gradient; outside, each module is as it was."""
    modes = [(module, module.training) for module in network.modules()]
    domain = network.domain
    for module, _ in modes:
        module.training = False
    try:
        with torch.inference_mode():
            yield
    finally:
        network.on(domain)
        for module, training in modes:
            module.training = training


def outputs(network: Network, x: Tensor | np.ndarray, domain: Literal["source", "target"]) -> tuple[Tensor, Tensor]:
    """Features (n, d) and logits (n, k) of x in evaluation mode, with the domain's BatchNorm statistics, batch by batch."""
    device = next(network.parameters()).device
    with evaluating(network):
        network.on(domain)
        chunks = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        done = [network(torch.as_tensor(np.array(c) if isinstance(c, np.ndarray) else c).to(device)) for c in chunks]
        return torch.cat([f for f, _ in done]), torch.cat([z for _, z in done])


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
