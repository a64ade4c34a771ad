"""Which source should a target learn from? A table of candidates with every transferability score, and how far each can be believed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from tltutor.domains import Domain
from tltutor.metrics.transferability import TRANSFERABILITY, transferability
from tltutor.networks.inference import outputs
from tltutor.settings import check_name

if TYPE_CHECKING:
    from tltutor.networks import Network

FEWEST = 3  # candidates of which a rank correlation says anything
MOST = 2000  # examples of each domain that the scores see
DRAWS = 2000  # of the bootstrap
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Candidate:
    """A possible source: its labeled domain, and a network that was trained on it."""

    domain: Domain
    network: Network


class Correlation(NamedTuple):
    """Kendall's tau-b of a score with the true gains, -1 to 1, and its interval; NaN where all scores or all gains are equal."""

    tau: float
    low: float
    high: float


@dataclass(frozen=True)
class SourceTable:
    """The candidates' scores, more is better: scores[candidate][score]; gains: what each truly gave, where that is known.

    A score that a candidate does not have (another width, other classes) is NaN.
    """

    target: str
    scores: Mapping[str, Mapping[str, float]]
    gains: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The scores, those of `tl.metrics.transferability`."""
        return tuple(next(iter(self.scores.values())))

    def ranking(self, score: str) -> tuple[str, ...]:
        """Return the candidates by this score, the best first; those without it are left out. Errors: ValueError."""
        values = self._column(check_name(score, self.names, what="score"))
        known = [name for name in self.scores if not math.isnan(values[name])]
        return tuple(sorted(known, key=lambda name: -values[name]))

    def choice(self, score: str = "logme") -> str:
        """Return the best candidate by this score. Errors: ValueError if no candidate has it."""
        ranking = self.ranking(score)
        if not ranking:
            raise ValueError(
                f"no candidate has the score {score!r}: choose by another of {', '.join(self.names)}"
            )
        return ranking[0]

    def correlation(self, score: str, *, draws: int = DRAWS, seed: int = 0) -> Correlation | None:
        """Return how this score ranks the candidates against their true gains; None without gains, or of fewer than 3.

        The interval is a bootstrap over the candidates: with few of them it is wide, as it should be.
        """
        values = self._column(check_name(score, self.names, what="score"))
        both = [n for n in self.scores if n in self.gains and not math.isnan(values[n])]
        if len(both) < FEWEST:
            return None
        pairs = np.array([(values[name], self.gains[name]) for name in both])
        return rank_correlation(pairs[:, 0], pairs[:, 1], draws=draws, seed=seed)

    def regret(self, score: str) -> float | None:
        """Return what the choice by this score lacks to the best candidate's gain; None where gains are not known of all."""
        if not self.gains.keys() >= self.scores.keys() or not self.ranking(score):
            return None
        return max(self.gains.values()) - self.gains[self.choice(score)]

    def _column(self, score: str) -> dict[str, float]:
        return {name: row[score] for name, row in self.scores.items()}

    def __str__(self) -> str:
        """The table as text, with the correlations under it where the gains are known."""
        heads = ["source", *self.names, *(["gain"] if self.gains else [])]
        rows = [[n, *map(_number, s.values()), *self._gain(n)] for n, s in self.scores.items()]
        if self.gains:
            found = [self.correlation(name) for name in self.names]
            taus = ["-" if c is None else f"{c.tau:.2f} [{c.low:.2f}, {c.high:.2f}]" for c in found]
            rows.append(["tau with the gain", *taus, ""])
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (heads, *rows)]
        return "\n".join(lines)

    def _gain(self, name: str) -> list[str]:
        return [_number(self.gains.get(name, math.nan))] if self.gains else []


def choose_source(
    target: Domain,
    candidates: Mapping[str, Candidate],
    gains: Mapping[str, float] | None = None,
    *,
    most: int = MOST,
    seed: int = 0,
) -> SourceTable:
    """Return every transferability score of each candidate source for this target, with model size as the baseline to beat.

    target: labeled examples, those whose labels may be used: a few are enough for some scores and few for others. Features and
    probabilities are those of the candidate's network, in evaluation mode; distances between domains (A-distance, OTDD) are
    taken of the inputs, so that they compare across networks. gains: what training on from each candidate truly gave, if it is
    known, as target accuracy: it is only compared with, never chosen by. most: of a domain with more examples so many are
    drawn by seed. `print` shows the table.
    Errors: ValueError for no candidate, a target without labels or of one class, gains of unknown candidates, and a network
    that does not take the target's examples; TypeError for what is no Candidate.
    """
    if target.y is None:
        raise ValueError(
            f"a source is chosen by labeled target examples, and {target.name!r} has no labels: give those whose labels may be used"
        )
    if not candidates:
        raise ValueError(
            "there must be a candidate to choose from, got none: give {'name': Candidate(domain, network)}"
        )
    for name, candidate in candidates.items():
        _check_candidate(name, candidate, target)
    for name in gains or {}:
        check_name(name, candidates, what="candidate")
    drawn = _some(target, most, seed)
    scores = {
        name: _scores(_evidence(drawn, candidate, most, seed))
        for name, candidate in candidates.items()
    }
    return SourceTable(target.name, scores, dict(gains or {}))


def _check_candidate(name: str, candidate: Any, target: Domain) -> None:
    if not isinstance(candidate, Candidate):
        raise TypeError(
            f"a candidate must be a Candidate, got a {type(candidate).__name__} for {name!r}: write Candidate(domain, network)"
        )
    if candidate.domain.y is None:
        raise ValueError(
            f"a source must be labeled, and {name!r} is not: give Candidate(Domain(..., y), network)"
        )
    if tuple(candidate.network.shape) != tuple(target.shape):
        raise ValueError(
            f"a candidate's network must take the target's examples of shape {target.shape}, got one for"
            f" {candidate.network.shape} in {name!r}: bring all domains to one shape"
        )


def _evidence(target: Domain, candidate: Candidate, most: int, seed: int) -> dict[str, Any]:
    """Return what the scores need to know of a candidate, by their names for it."""
    features, z = outputs(candidate.network, target.x, "source")
    source = _some(candidate.domain, most, seed)
    probabilities = torch.softmax(z.double(), 1).cpu().numpy()
    found: dict[str, Any] = {
        "target_features": features.cpu().numpy(),
        "target_labels": target.y,
        "source_class_probabilities": probabilities,
        "source_classes": probabilities.argmax(1),
        "parameters": sum(p.numel() for p in candidate.network.parameters()),
    }
    return found | {
        "inputs": {
            "source_features": _flat(source),
            "source_labels": source.y,
            "target_features": _flat(target),
            "target_labels": target.y,
        }
    }


OF_INPUTS = ("a_distance", "otdd")  # distances between domains, whose unit must be one for all


def _scores(evidence: Mapping[str, Any]) -> dict[str, float]:
    """Return every score; NaN where it cannot be computed of this candidate."""
    found = {}
    for name in TRANSFERABILITY:
        given = evidence["inputs"] if name in OF_INPUTS else evidence
        try:
            found[name] = transferability(given, name)[name]
        except ValueError:
            found[name] = math.nan
    return found


def rank_correlation(
    a: Sequence[float] | np.ndarray,
    b: Sequence[float] | np.ndarray,
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
) -> Correlation:
    """Return Kendall's tau-b of two rows of numbers (n,), and the middle `level` of its values on samples drawn with replacement.

    Samples on which it is not defined, because all numbers of a row are equal, are left out. (Kendall, 1945; the interval:
    Efron & Tibshirani, 1993.)
    """
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(x), size=(draws, len(x)))
    found = _taus(x[rows], y[rows])
    known = found[~np.isnan(found)]
    tau = float(_taus(x[None], y[None])[0])
    if not len(known) or math.isnan(tau):
        return Correlation(tau, math.nan, math.nan)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Correlation(tau, float(low), float(high))


def _taus(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return tau-b = sum sign sign / sqrt(pairs untied in x * pairs untied in y) of each row of x and y (d, n): (d,)."""
    i, j = np.triu_indices(x.shape[1], 1)
    dx, dy = np.sign(x[:, i] - x[:, j]), np.sign(y[:, i] - y[:, j])
    untied = np.abs(dx).sum(1) * np.abs(dy).sum(1)
    together = (dx * dy).sum(1)
    return np.where(untied > 0, together / np.sqrt(np.maximum(untied, 1)), np.nan)


def _some(domain: Domain, most: int, seed: int) -> Domain:
    """Return at most so many examples, drawn by seed."""
    rows = np.random.default_rng(seed).permutation(len(domain))[:most]
    return domain.take(np.sort(rows))


def _flat(domain: Domain) -> np.ndarray:
    """Return the inputs as rows of floats (n, d); images in 0..1."""
    x = domain.x.reshape(len(domain), -1).astype(np.float32)
    return x / 255 if domain.x.dtype == np.uint8 else x


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
