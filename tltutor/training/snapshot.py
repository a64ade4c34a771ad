"""A look at the network: the points of the map, and what the network makes of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import one_dtype
from tltutor.events import Snapshot
from tltutor.metrics import channel_means, feature_numbers, probe_folds
from tltutor.networks.taps import tapped
from tltutor.objectives.objective import Objective
from tltutor.training.flow import batch_of_points, take_flow
from tltutor.training.judging import Sides, judge_numbers
from tltutor.training.region_points import draw_boxes, framed, region_scores
from tltutor.training.regions import decision_regions

if TYPE_CHECKING:
    from tltutor.domains import Domain, DomainPair
    from tltutor.training.session import Session


@dataclass(frozen=True, eq=False)
class SnapshotPoints:
    """The examples on the map, source first.

    x (n, ...), labels (n,) with -1 for unknown, is_target (n,) bool, index (n,) int64: the row in the domain's held-out part,
    or in its training part where nothing is held out; texts (n or 0). origin (n,) int64: which of several joined source
    domains a source point comes from, 0 where there is one, -1 for the target. spans (n, length, 2): where the words of tokens
    stand in the texts, or None. boxes (n, 4): of a point that is a region of its example, empty elsewhere; the examples of
    several points may be one.
    """

    x: np.ndarray
    labels: np.ndarray
    is_target: np.ndarray
    index: np.ndarray
    texts: tuple[str, ...] = ()
    origin: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    spans: np.ndarray | None = None
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    @property
    def shown(self) -> np.ndarray:
        """What a person sees of each point: its text (n,) where both domains have texts, else the example itself (n, ...)."""
        if len(self.boxes):
            return framed(self.x, self.boxes)
        return np.array(self.texts) if self.texts else self.x


def evaluation_domains(pair: DomainPair) -> tuple[Domain, Domain]:
    """Return the held-out parts of source and target; where nothing is held out, the training part."""
    return pair.source_test or pair.source, pair.target_test or pair.target


def choose_points(pair: DomainPair, size: int, seed: int) -> SnapshotPoints:
    """Draw half the points from each domain's held-out part by seed; a domain that has fewer gives all it has.

    A point is an example; where the pair's labels are boxes, it is one of these.
    """
    rng, half = np.random.default_rng(seed), max(size // 2, 2)
    domains = evaluation_domains(pair)
    boxes: list[np.ndarray] = []
    if pair.has_boxes:
        drawn = [draw_boxes(domain, half, rng) for domain in domains]
        rows, boxes, labels = (list(part) for part in zip(*drawn, strict=True))
    else:
        rows = [np.sort(rng.permutation(len(domain))[:half]) for domain in domains]
        labels = [
            np.full(len(r), -1) if d.y is None else d.y[r]
            for d, r in zip(domains, rows, strict=True)
        ]
    parts = [domain.take(chosen) for domain, chosen in zip(domains, rows, strict=True)]
    return SnapshotPoints(
        x=np.concatenate(one_dtype(*(part.x for part in parts))),
        labels=np.concatenate(labels),
        is_target=np.repeat([False, True], [len(part) for part in parts]),
        index=np.concatenate(rows),
        texts=tuple(text for part in parts for text in part.texts)
        if all(part.texts for part in parts)
        else (),
        origin=_origins(*parts),
        spans=_spans(*parts),
        boxes=np.concatenate(boxes) if boxes else np.zeros((0, 4), np.float32),
    )


def _origins(source: Domain, target: Domain) -> np.ndarray:
    """Return the number of each point's source domain, -1 for the target's (n,)."""
    own = np.zeros(len(source), np.int64) if source.domain_id is None else source.domain_id
    return np.concatenate([own, np.full(len(target), -1)])


def _spans(source: Domain, target: Domain) -> np.ndarray | None:
    """Return where the words of each point's tokens stand in its text (n, length, 2), or None where a domain does not know."""
    if source.spans is None or target.spans is None:
        return None
    return np.concatenate([source.spans, target.spans])


def take_snapshot(session: Session, x: Tensor, *, flow: bool) -> Snapshot:
    """Return what the session's network makes of its snapshot points x (n, ...), each judged as its own domain's."""
    points, task = session.snapshot_points, session.network.task.of_points
    taps: AbstractContextManager[dict[str, list[Tensor]]] = (
        tapped(session.network, channel_means) if flow else nullcontext({})
    )
    source, target = session.begun("source"), session.begun("target")
    with taps as stages:
        outputs = (
            session.outputs(source.x, "source", after=source.after),
            session.outputs(target.x, "target", after=target.after),
        )
    if flow:
        stages |= {name: [mean, target.means[name]] for name, mean in source.means.items()}
    sides = sides_at_points(session, outputs)
    (fs, zs), (ft, zt) = sides
    features, predictions = torch.cat([fs, ft]), task.predict(torch.cat([zs, zt]))
    numbers = _scores(session, predictions, outputs)
    folds = probe_folds(features, points.is_target, session.seed)
    numbers |= feature_numbers(
        features, points.labels, points.is_target, seed=session.seed, folds=folds
    )
    if session.judging:
        numbers |= judge_numbers(session, x, sides)
    weights = point_weights(session, x)
    if weights is not None:
        numbers["effective_sample_size"] = source_sample_size(session)
    plan = plan_of_points(session, x, outputs)
    if plan is not None and (points.labels >= 0).all():
        numbers["mass_to_other_class"] = mass_to_other_class(plan, points)
    means = {name: torch.cat(h) for name, h in stages.items()}
    return Snapshot(
        step=session.step_number,
        features=features.cpu().numpy(),
        labels=points.labels,
        predictions=predictions,
        is_target=points.is_target,
        numbers=numbers,
        regions=decision_regions(session.predict, points.x) if points.x.shape[1:] == (2,) else None,
        flow=take_flow(session, x, means, sides, outputs=outputs, folds=folds) if flow else None,
        weights=weights,
        plan=None if plan is None else largest_entries(plan, points.is_target),
    )


def _scores(session: Session, predictions: np.ndarray, outputs: Sides) -> dict[str, float]:
    """Return the score of the points' predictions (n,) on each side whose labels are all known; of boxes, also that of the images."""
    points, task = session.snapshot_points, session.network.task
    named = task.of_points.score_name
    scores = {
        f"{side}_{named}": task.of_points.score(predictions[rows], points.labels[rows])
        for side, rows in (("source", ~points.is_target), ("target", points.is_target))
        if (points.labels[rows] >= 0).all()
    }
    if len(points.boxes):
        scores |= region_scores(task, points, outputs, evaluation_domains(session.pair))
    return scores


def sides_at_points(session: Session, outputs: Sides) -> Sides:
    """Return features and logits of the map's points of both domains, of the outputs for their examples."""
    points, task = session.snapshot_points, session.network.task
    if not len(points.boxes):
        return outputs
    (fs, zs), (ft, zt) = outputs
    source = task.at_points(fs, zs, points.boxes[~points.is_target])
    return source, task.at_points(ft, zt, points.boxes[points.is_target])


def plan_of_points(session: Session, x: Tensor, sides: Sides) -> np.ndarray | None:
    """Return the objective's transport plan between the map's points x (n, ...): (n_s, n_t), or None if it has none."""
    if type(session.objective).coupling is Objective.coupling:
        return None  # saves the copies
    coupling = session.objective.coupling(batch_of_points(session, x, sides))
    return None if coupling is None else coupling.double().cpu().numpy()


LINES = 600  # of a transport plan that are drawn


def largest_entries(plan: np.ndarray, is_target: np.ndarray) -> np.ndarray:
    """Return the largest entries of a plan (n_s, n_t), at most LINES: rows of source point, target point, share of the mass (k, 3).

    Points are numbered as on the map, is_target (n,); entries of 0 are none. Of equal ones, those all over the map are kept.
    """
    sources, targets = np.flatnonzero(~is_target), np.flatnonzero(is_target)
    ties = np.random.default_rng(0).permutation(plan.size)
    order = np.lexsort((ties, -plan.ravel()))[:LINES]
    order = order[plan.flat[order] > 0]
    i, j = np.unravel_index(order, plan.shape)
    return np.column_stack([sources[i], targets[j], plan[i, j] / plan.sum()])


def mass_to_other_class(plan: np.ndarray, points: SnapshotPoints) -> float:
    """Return the share of a plan's mass (n_s, n_t) that goes to a target point of another class; the labels only judge."""
    ys, yt = points.labels[~points.is_target], points.labels[points.is_target]
    return float(plan[ys[:, None] != yt].sum() / plan.sum())


def point_weights(session: Session, x: Tensor) -> np.ndarray | None:
    """Return how much each source point of the map x (n, ...) counts in the task's loss, NaN for a target point: (n,), or None."""
    is_target = session.snapshot_points.is_target
    w = _weights(session, x[torch.from_numpy(~is_target).to(x.device)])
    if w is None:
        return None
    found = np.full(len(is_target), np.nan, np.float32)
    found[~is_target] = w
    return found


def source_sample_size(session: Session) -> float:
    """Return (sum w)^2 / sum w^2 over the source's training examples: how many equally weighted ones are worth as much (Kish, 1965)."""
    source = torch.tensor(session.pair.source.x, device=session.device)
    w = _weights(session, source)
    return float(len(source) if w is None else w.sum() ** 2 / np.square(w).sum())


def _weights(session: Session, x: Tensor) -> np.ndarray | None:
    """Return the weights of source examples x (n, ...) at the lambda of the coming step: (n,) float64, or None."""
    with torch.no_grad():
        w = session.objective.source_weights(x, session.weight)
    return None if w is None else w.double().cpu().numpy()
