"""What would help? Source-only and a few methods are trained over seeds and judged without a target label."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tltutor.classical.bbse import bbse_weights
from tltutor.classical.label_em import bias_corrected, calibrated, em_shares
from tltutor.domains import DomainPair
from tltutor.evaluation.evidence import evidence_of, pair_for_choosing
from tltutor.evaluation.sweep.runs import scores_of
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.metrics.judges import atc_accuracy, is_collapsed

DRAWS = 100  # of the bootstrap, for each seed
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Trained:
    """One run: every judge's score, whether it answers with one class alone, and its answers to the whole target (m, k).

    expected: draws of the estimated target accuracy (ATC), the first of them the estimate. failed: why there are no numbers.
    """

    method: str
    seed: int
    scores: Mapping[str, float | None]
    collapsed: bool
    source_accuracy: float
    expected: np.ndarray
    answers: np.ndarray
    evidence: Mapping[str, Any]
    failed: str = ""


@dataclass(frozen=True)
class Row:
    """One method over the seeds: mean scores by judge (None if a seed has none), and the expected target accuracy, 0..1."""

    method: str
    scores: Mapping[str, float | None]
    collapsed: bool
    source_accuracy: float
    expected: float
    low: float
    high: float
    failed: str = ""


def trained(
    pair: DomainPair,
    methods: Sequence[str],
    seeds: Sequence[int],
    network_options: Mapping[str, Any],
    **session_options: Any,
) -> Iterator[Trained]:
    """Train each method with each seed on the pair without target labels, and yield the judged runs."""
    for seed in seeds:
        train = pair_for_choosing(pair.blind(), seed=seed)
        for method in methods:
            experiment = Experiment(
                train,
                method,
                seed=seed,
                network_options=network_options,
                session_options=session_options,
            )
            yield _judged(experiment)


def _judged(experiment: Experiment) -> Trained:
    method = str(experiment.objective)
    try:
        session = experiment.build()
        for _ in session:
            pass
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # domains without overlap: the report says so
            evidence = evidence_of(session)
    except (FloatingPointError, ValueError) as error:
        nothing = np.full(1, np.nan)
        return Trained(method, experiment.seed, {}, False, np.nan, nothing, nothing, {}, str(error))
    p, y = evidence["source_probabilities"], evidence["source_labels"]
    logits = session.outputs(session.pair.target.x, "target")[1]
    answers = logits.double().softmax(1).cpu().numpy()
    return Trained(
        method,
        experiment.seed,
        scores_of(evidence),
        is_collapsed(evidence["target_probabilities"]),
        float((p.argmax(1) == y).mean()),
        _expected(p, y, evidence["target_probabilities"], experiment.seed),
        answers,
        evidence,
    )


def _expected(p: np.ndarray, y: np.ndarray, q: np.ndarray, seed: int) -> np.ndarray:
    """Return ATC's estimate, then its values on samples of source and target drawn with replacement: (1 + DRAWS,)."""
    rng = np.random.default_rng(seed)
    found = [atc_accuracy(p, y, q)]
    for _ in range(DRAWS):
        s, t = (rng.integers(n, size=n) for n in (len(p), len(q)))
        found.append(atc_accuracy(p[s], y[s], q[t]))
    return np.array(found)


def row_of(runs: Sequence[Trained]) -> Row:
    """Return one method's runs, one a seed, as a row."""
    bad = next((run.failed for run in runs if run.failed), "")
    names = [] if bad else list(runs[0].scores)
    scores = {name: _mean([run.scores.get(name) for run in runs]) for name in names}
    draws = np.concatenate([run.expected[1:] for run in runs])
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if not bad else (np.nan,) * 2
    return Row(
        runs[0].method,
        scores,
        any(run.collapsed for run in runs),
        statistics.fmean(run.source_accuracy for run in runs),
        statistics.fmean(float(run.expected[0]) for run in runs),
        float(low),
        float(high),
        bad,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known and len(known) == len(values) else None


def chosen(rows: Sequence[Row], judge: str) -> Row | None:
    """Return the row with the best mean score by this judge among those that have one and did not collapse; the first of equals."""
    left = [row for row in rows if not row.collapsed and row.scores.get(judge) is not None]
    return max(left, key=lambda row: row.scores[judge] or 0.0, default=None)


# --- label shift


@dataclass(frozen=True, eq=False)
class Shares:
    """The classes' shares in the source, and what BBSE and EM take for the target's, if p(x | y) did not move: (k,) each."""

    source: np.ndarray
    bbse: np.ndarray
    em: np.ndarray


def shares_of(runs: Sequence[Trained], labels: np.ndarray, k: int) -> Shares | None:
    """Return the estimates by source-only's answers, the mean over its runs; None if it has none."""
    known = [run for run in runs if run.method == SOURCE_ONLY and not run.failed]
    if not known:
        return None
    source = np.bincount(labels, minlength=k) / len(labels)
    found = [_estimates(run, source) for run in known]
    return Shares(source, *(np.mean([pair[i] for pair in found], axis=0) for i in (0, 1)))


def _estimates(run: Trained, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p, y = run.evidence["source_probabilities"], run.evidence["source_labels"]
    q = run.evidence["target_probabilities"]
    w = np.pad(bbse_weights(p.argmax(1), y, q.argmax(1)), (0, len(source)))[: len(source)]
    bbse = source * w
    em = em_shares(calibrated(q, *bias_corrected(p, y)), np.maximum(source, 1e-9))
    return bbse / bbse.sum() if bbse.sum() > 0 else source, em


def drawn_with_shares(labels: np.ndarray, shares: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return rows of the source, each once, whose classes have these shares (k,): as many as there are examples for."""
    k = len(shares)
    counts = np.bincount(labels, minlength=k)
    wanted = shares > 0.5 / max(len(labels), 1)
    size = min((counts[c] / shares[c] for c in np.flatnonzero(wanted)), default=0.0)
    rng = np.random.default_rng(seed)
    rows = [
        rng.permutation(np.flatnonzero(labels == c))[: round(size * shares[c])] for c in range(k)
    ]
    return np.sort(np.concatenate(rows))
