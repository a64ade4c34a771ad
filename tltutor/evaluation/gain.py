"""Negative transfer as a number: what a method adds to source-only or takes away, seed by seed, and how sure that is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tltutor.language import mark

GAIN, HARM, NOT_SURE = mark("gain"), mark("harm"), mark("not sure")
LEVEL = 0.95
ONE_SEED = mark("one seed shows no spread: run more seeds")
ALIKE = mark("every seed gave the same difference, which shows no spread: run more seeds")
BOTH_WAYS = mark("the interval contains 0: run more seeds")
SAME = 1e-12  # differences that lie closer together than this are equal, up to rounding


@dataclass(frozen=True)
class Gain:
    """The differences method minus reference over the seeds, their mean, its interval, and a verdict.

    low, high: bounds of the confidence interval of the mean at `level`; None where the seeds show no spread.
    verdict: "gain" if the whole interval is above 0, "harm" if it is below 0, else "not sure", and `why`.
    """

    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None
    level: float
    verdict: str
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the numbers and the verdict as plain values."""
        numbers = {"mean": self.mean, "low": self.low, "high": self.high, "level": self.level}
        told = {"verdict": self.verdict} | ({"why": self.why} if self.why else {})
        return {
            "seeds": list(self.seeds),
            "differences": list(self.differences),
            **numbers,
            **told,
        }


def paired_gain(
    method: Mapping[int, float], reference: Mapping[int, float], *, level: float = LEVEL
) -> Gain:
    """Return what `method` adds to `reference`: scores by seed of two rows that share pair, network and batches.

    The differences d of the n seeds that both have give the interval mean(d) -+ t sd(d) / sqrt(n), where t is the quantile
    (1 + level) / 2 of Student's t with n - 1 degrees of freedom (Student, 1908). Pairing takes out what the seeds do to both
    rows alike. A bootstrap over seeds is no choice here: it draws again from 3 to 5 numbers, and its interval is much too
    narrow (`tests/evaluation/test_gain.py` counts how often each is wrong). One seed, or differences that are all equal,
    show no spread: "not sure".
    Errors: ValueError for a level outside 0..1, and if no seed has both.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}: {LEVEL} is usual")
    seeds = tuple(seed for seed in method if seed in reference)
    if not seeds:
        raise ValueError(
            f"a paired difference needs a seed that both rows have, got {list(method)} and {list(reference)}:"
            " run both with the same seeds"
        )
    d = tuple(method[seed] - reference[seed] for seed in seeds)
    mean = statistics.fmean(d)
    if max(d) - min(d) < SAME:
        why = ONE_SEED if len(d) == 1 else ALIKE
        return Gain(seeds, d, mean, None, None, level, NOT_SURE, why)
    half = _student_t((1 + level) / 2, len(d) - 1) * statistics.stdev(d) / math.sqrt(len(d))
    low, high = mean - half, mean + half
    verdict = GAIN if low > 0 else HARM if high < 0 else NOT_SURE
    return Gain(seeds, d, mean, low, high, level, verdict, BOTH_WAYS if verdict == NOT_SURE else "")


def _student_t(probability: float, degrees: int) -> float:
    """Return the quantile of Student's t distribution."""
    from scipy.stats import t

    return float(t.ppf(probability, degrees))
