"""Do two domains differ? Tests on the inputs against what chance gives, first of all of the source against itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tltutor.domains import Domain
from tltutor.metrics import domain_probe, domain_scores, mmd2_permutation_test

PERMUTATIONS = 199  # p is then at least .005
MOST = 1000  # rows of each domain between which MMD^2 compares all pairs
COMPONENTS = 50  # of the pooled inputs, on which the tests are made
SIGNIFICANT = 0.025  # .05 for two tests together (Bonferroni)


@dataclass(frozen=True)
class Test:
    """A number, the middle 95 % of its values by chance, and the p-value of the permutations."""

    value: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether chance alone seldom gives as much, with two tests made."""
        return self.p <= SIGNIFICANT


@dataclass(frozen=True)
class Shift:
    """The domain probe's accuracy (.5 is guessing) and MMD^2 (0 on average without a difference) of two samples, tested."""

    probe: Test
    mmd: Test

    @property
    def found(self) -> bool:
        """Whether one of both tests tells the samples apart."""
        return self.probe.significant or self.mmd.significant


def rows_of(domain: Domain) -> np.ndarray:
    """Return the inputs as rows of floats (n, d); images in 0..1, token ids as counts of each id."""
    if domain.kind == "tokens":
        counts = np.zeros((len(domain), int(domain.x.max()) + 1), np.float32)
        mask = np.ones_like(domain.x, bool) if domain.mask is None else domain.mask
        np.add.at(counts, (np.nonzero(mask)[0], domain.x[mask]), 1)
        return counts
    x = domain.x.reshape(len(domain), -1).astype(np.float32)
    return x / 255 if domain.x.dtype == np.uint8 else x


def reduced(xs: np.ndarray, xt: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return both samples (n, d) in at most COMPONENTS principal components of the two together.

    The components do not know which row is whose, so that a permutation test on them stays exact.
    """
    width = max(xs.shape[1], xt.shape[1])
    xs, xt = (np.pad(x, ((0, 0), (0, width - x.shape[1]))) for x in (xs, xt))
    both = np.concatenate([xs, xt])
    most = min(COMPONENTS, *both.shape)
    if width > most:
        from sklearn.decomposition import PCA

        both = PCA(most, svd_solver="randomized", random_state=seed).fit_transform(both)
    return both[: len(xs)], both[len(xs) :]


def compared(xs: np.ndarray, xt: np.ndarray, seed: int = 0) -> Shift:
    """Return both tests of xs (n_s, d) and xt (n_t, d). Errors: ValueError for fewer than 2 rows of one."""
    x, is_target = np.concatenate([xs, xt]), np.arange(len(xs) + len(xt)) >= len(xs)
    probe = domain_probe(x, is_target, permutations=PERMUTATIONS, seed=seed)
    rng = np.random.default_rng(seed)
    some_s, some_t = (rows[rng.permutation(len(rows))[:MOST]] for rows in (xs, xt))
    mmd = mmd2_permutation_test(some_s, some_t, permutations=PERMUTATIONS, seed=seed)
    return Shift(Test(probe.accuracy, probe.null_low, probe.null_high, probe.p), Test(*mmd))


def against_itself(xs: np.ndarray, seed: int = 0) -> Shift:
    """Return the tests of one half of xs (n, d) against the other (an A/A test): what a difference would look like by chance."""
    order = np.random.default_rng([seed, 1]).permutation(len(xs))  # no stream that made the data
    half = len(xs) // 2
    return compared(xs[order[:half]], xs[order[half:]], seed)


@dataclass(frozen=True, eq=False)
class Typical:
    """Which examples show the difference: rows of the source and of the target that the probe is surest of, most typical first.

    alike_source, alike_target: rows that it takes for the other domain.
    """

    source: np.ndarray
    target: np.ndarray
    alike_source: np.ndarray
    alike_target: np.ndarray


def typical(xs: np.ndarray, xt: np.ndarray, count: int, seed: int = 0) -> Typical:
    """Return the `count` rows of each domain that are most, and least, typical of the difference; scores are out of fold."""
    is_target = np.arange(len(xs) + len(xt)) >= len(xs)
    scores = domain_scores(np.concatenate([xs, xt]), is_target, seed)
    source, target = np.argsort(scores[: len(xs)]), np.argsort(-scores[len(xs) :])
    return Typical(source[:count], target[:count], source[::-1][:count], target[::-1][:count])


def largest_differences(
    source: Domain, target: Domain, count: int
) -> list[tuple[str, float, float]]:
    """Return the features, or words of texts, that differ most: name, mean of the source, mean of the target.

    Of features the means in units of the pooled standard deviation, by their difference; of words the shares of texts that
    hold them. Images have none.
    """
    if source.texts and target.texts:
        return _words(source.texts, target.texts, count)
    if source.kind != "vector" or source.texts:
        return []
    names = source.columns or tuple(f"x{k}" for k in range(source.shape[0]))
    both = np.concatenate([source.x, target.x])
    unit = np.where(both.std(0) > 0, both.std(0), 1)
    ms, mt = (x.mean(0) / unit - both.mean(0) / unit for x in (source.x, target.x))
    order = np.argsort(-np.abs(mt - ms), kind="stable")[:count]
    return [(names[k], float(ms[k]), float(mt[k])) for k in order]


def _words(
    source: tuple[str, ...], target: tuple[str, ...], count: int
) -> list[tuple[str, float, float]]:
    from collections import Counter

    from tltutor.domains.hashing import words

    ours, theirs = (
        Counter(word for text in texts for word in set(words(text))) for texts in (source, target)
    )
    shares = [
        (word, ours[word] / len(source), theirs[word] / len(target))
        for word in sorted(ours | theirs)
    ]
    return sorted(shares, key=lambda row: -abs(row[2] - row[1]))[:count]
