"""A look at the network: the points of the map, and what the network makes of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import one_dtype
from tltutor.events import Snapshot
from tltutor.metrics import channel_means, feature_numbers, probe_folds
from tltutor.networks.taps import tapped
from tltutor.training.flow import take_flow
from tltutor.training.regions import decision_regions

if TYPE_CHECKING:
    from tltutor.domains import Domain, DomainPair
    from tltutor.training.session import Session


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
    """Return the held-out parts of source and target; where nothing is held out, the training part."""
    return pair.source_test or pair.source, pair.target_test or pair.target


def choose_points(pair: DomainPair, size: int, seed: int) -> SnapshotPoints:
    """Draw half the points from each domain's held-out part by seed; a domain that has fewer gives all it has."""
    rng = np.random.default_rng(seed)
    domains = evaluation_domains(pair)
    parts = [
        domain.take(np.sort(rng.permutation(len(domain))[: max(size // 2, 2)]))
        for domain in domains
    ]
    labels = [np.full(len(part), -1) if part.y is None else part.y for part in parts]
    return SnapshotPoints(
        x=np.concatenate(one_dtype(*(part.x for part in parts))),
        labels=np.concatenate(labels),
        is_target=np.repeat([False, True], [len(part) for part in parts]),
        texts=tuple(text for part in parts for text in part.texts)
        if all(part.texts for part in parts)
        else (),
    )


def take_snapshot(session: Session, x: Tensor, *, flow: bool) -> Snapshot:
    """Return what the session's network makes of its snapshot points x (n, ...), each judged as its own domain's."""
    points, task = session.snapshot_points, session.network.task
    taps: AbstractContextManager[dict[str, list[Tensor]]] = (
        tapped(session.network, channel_means) if flow else nullcontext({})
    )
    with taps as stages:
        sides = (
            session.outputs(x[~points.is_target], "source"),
            session.outputs(x[points.is_target], "target"),
        )
    (fs, zs), (ft, zt) = sides
    features, predictions = torch.cat([fs, ft]), task.predict(torch.cat([zs, zt]))
    numbers = {
        f"{side}_{task.score_name}": task.score(predictions[rows], points.labels[rows])
        for side, rows in (("source", ~points.is_target), ("target", points.is_target))
        if (points.labels[rows] >= 0).all()
    }
    folds = probe_folds(features, points.is_target, session.seed)
    numbers |= feature_numbers(
        features, points.labels, points.is_target, seed=session.seed, folds=folds
    )
    return Snapshot(
        step=session.step_number,
        features=features.cpu().numpy(),
        labels=points.labels,
        predictions=predictions,
        is_target=points.is_target,
        numbers=numbers,
        regions=decision_regions(session.predict, points.x) if points.x.shape[1:] == (2,) else None,
        flow=take_flow(
            session, x, {name: torch.cat(h) for name, h in stages.items()}, sides, folds=folds
        )
        if flow
        else None,
    )
