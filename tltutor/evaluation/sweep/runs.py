"""One run of a sweep: train a setting with a seed in this process, with one thread, and ask every judge about the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from tltutor.domains import DomainPair, load_pair
from tltutor.evaluation.evidence import evidence_of, pair_for_choosing
from tltutor.evaluation.sweep.answers import MOST, packed
from tltutor.experiment import Experiment
from tltutor.metrics.judges import JUDGES, is_collapsed, reverse_validation
from tltutor.objectives import find_objective
from tltutor.training.session import Session
from tltutor.training.snapshot import evaluation_domains


@dataclass(frozen=True)
class Measured:
    """What one run gave: every judge's score (None where it has none), and whether it answers with a single class.

    oracle: the accuracy on the target's own labels, 0..1, which only the oracle may look at; None if there are none.
    failed: why the run has no scores: it diverged, or nothing can be learned from its features. answers: what it answered,
    packed (`answers.packed`), for the sum of all runs.
    """

    scores: Mapping[str, float | None]
    collapsed: bool
    oracle: float | None
    seconds: float
    failed: str = ""
    answers: str = ""


@dataclass(frozen=True)
class Run:
    """A run to be measured: the experiment with its seed, and the share of the source that is held out for the judges.

    reverse: whether reverse validation, which trains a second time, is asked too.
    """

    experiment: Experiment
    validation: float
    reverse: bool = False


def measure(run: Run) -> Measured:
    """Train and judge one run. Errors: ValueError for what does not fit the pair or the network."""
    start = perf_counter()
    with one_thread():
        pair, train = _pairs(run)
        try:
            session = replace(run.experiment, pair=train).build()
            for _ in session:
                pass
        except FloatingPointError as error:
            return failed(str(error), perf_counter() - start)
        try:
            evidence = evidence_of(session)
        except ValueError as error:
            return failed(str(error), perf_counter() - start)
        scores = scores_of(evidence)
        if run.reverse:
            scores["reverse"] = reverse_score(replace(run.experiment, pair=train), session)
        return Measured(
            scores,
            collapsed=is_collapsed(evidence["target_probabilities"]),
            oracle=oracle_accuracy(session, pair),
            seconds=perf_counter() - start,
            answers=_answers(session, pair, evidence),
        )


def failed(why: str, seconds: float) -> Measured:
    """Return what is known of a run without scores."""
    return Measured({}, collapsed=False, oracle=None, seconds=seconds, failed=why)


def scores_of(evidence: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the score of each judge for which the evidence is enough; None where it has no finite one."""
    return {
        name: _score(name, evidence)
        for name, judge in JUDGES.items()
        if set(judge.needs) <= evidence.keys()
    }


def _score(name: str, evidence: Mapping[str, Any]) -> float | None:
    try:
        score = JUDGES[name](evidence)
    except ValueError:
        return None  # for instance, all weights are 0: the domains do not overlap
    return score if math.isfinite(score) else None


def reverse_score(experiment: Experiment, session: Session) -> float | None:
    """Return reverse validation's score of a finished session: the same experiment is trained from the target's answers back.

    The source's training part is the unlabeled target of the way back, and the held-out part is predicted. None if the way
    back diverges or cannot be trained.
    """
    pair, held = session.pair, session.pair.source_test
    assert held is not None  # noqa: S101 - a pair for choosing holds it out
    assert held.y is not None  # noqa: S101 - and its source is labeled
    p = torch.softmax(session.outputs(pair.target.x, "target")[1].double(), 1).cpu().numpy()

    def fit(x: Any, y: np.ndarray, _: Any) -> Callable[[Any], np.ndarray]:
        classes = np.unique(y)  # those that were answered; the others have no example
        names = tuple(pair.class_names[k] for k in classes)
        answered = replace(pair.target, x=x, y=np.searchsorted(classes, y), class_names=names)
        unlabeled = replace(pair.source, y=None, class_names=names)
        back = replace(
            experiment, pair=DomainPair(answered, unlabeled, name=f"back from {pair.name}")
        )
        trained = back.build()
        for _ in trained:
            pass
        return lambda other: classes[trained.outputs(other, "target")[1].argmax(1).cpu().numpy()]

    try:
        return reverse_validation(pair.target.x, p, held.x, held.y, fit=fit)
    except (FloatingPointError, ValueError):
        return None


def _answers(session: Session, pair: DomainPair, evidence: Mapping[str, Any]) -> str:
    """Return what is stored for the sum of all runs."""
    _, judged = evaluation_domains(pair)
    z = session.outputs(judged.x[:MOST], "target")[1].double()
    return packed(evidence, session.pair.target.x, torch.softmax(z, 1).cpu().numpy(), judged.y)


def oracle_accuracy(session: Session, pair: DomainPair) -> float | None:
    """Return the accuracy on the labels of the pair's target, held-out ones if there are any: what no choice may see."""
    _, target = evaluation_domains(pair)
    if target.y is None:
        return None
    task = session.network.task
    return task.score(task.predict(session.outputs(target.x, "target")[1]), target.y)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch and the linear algebra use one thread inside the block: one process a core is faster than many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def _pairs(run: Run) -> tuple[DomainPair, DomainPair]:
    """Return the pair with what judges, and the one to train on, which has no target labels but those that a method is given."""
    experiment = run.experiment
    objective = find_objective(str(experiment.objective))
    k = experiment.values.get("labels_per_class", 0)
    if "labeled" in objective.batches and not k:
        k = objective().labels_per_class
    if not isinstance(experiment.pair, str):
        return _parts(experiment.pair, k, run.validation, experiment.seed)
    options = tuple(sorted((name, _fixed(v)) for name, v in experiment.pair_options.items()))
    return _loaded_parts(experiment.pair, options, k, run.validation, experiment.seed)


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=8)
def _loaded_parts(
    name: str, options: tuple[tuple[str, Any], ...], k: int, share: float, seed: int
) -> tuple[DomainPair, DomainPair]:
    """Return a named pair's parts, which consecutive runs of one seed share."""
    return _parts(load_pair(name, seed=seed, **dict(options)), k, share, seed)


def _parts(pair: DomainPair, k: int, share: float, seed: int) -> tuple[DomainPair, DomainPair]:
    given = pair.with_target_labels(k, seed) if k and pair.target_labeled is None else pair
    return given, pair_for_choosing(given, share, seed=seed)
