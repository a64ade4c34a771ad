"""Choosing a source: the table against each score by itself, rank correlations against scipy, and what is refused."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau

import tltutor as tl
from tltutor.evaluation.sources import Candidate, SourceTable, choose_source, rank_correlation
from tltutor.metrics.transferability import TRANSFERABILITY, leep, logme, otdd


@cache
def candidates():
    """Blobs that are turned by 0, 30 and 150 degrees, each with a network that learned them, of two sizes; and the target."""
    found = {}
    for angle, width in ((0, 8), (30, 16), (150, 8)):
        pair = tl.load_pair("blobs->rotated-blobs", seed=1, angle=angle, n_samples=150)
        turned = tl.DomainPair(pair.target, pair.source)
        network = tl.build_network("mlp", turned, seed=0, width=width)
        list(
            tl.Session(turned, network, tl.objectives.SourceOnly(), steps=80, lr=0.05, device="cpu")
        )
        found[f"turned by {angle}"] = Candidate(pair.target, network)
    return tl.load_pair("blobs->rotated-blobs", seed=2, n_samples=90).source, found


GAINS = {"turned by 0": 0.9, "turned by 30": 0.8, "turned by 150": 0.1}


def test_each_score_is_that_of_the_candidates_own_network():
    target, found = candidates()
    table = choose_source(target, found, GAINS)
    assert table.names == tuple(TRANSFERABILITY)
    for name, candidate in found.items():
        row = table.scores[name]
        f, z = candidate.network.eval().on("source")(torch.tensor(target.x))
        assert row["logme"] == pytest.approx(logme(f.detach(), target.y), rel=1e-5)
        assert row["leep"] == pytest.approx(leep(z.detach().softmax(1), target.y), rel=1e-5)
        apart = otdd(candidate.domain.x, candidate.domain.y, target.x, target.y)
        assert row["otdd"] == pytest.approx(-apart, rel=1e-6)
        count = sum(p.numel() for p in candidate.network.parameters())
        assert row["size"] == pytest.approx(math.log10(count))


def test_the_nearest_source_is_chosen_by_the_labels_and_the_largest_by_size():
    target, found = candidates()
    table = choose_source(target, found, GAINS)
    for score in ("leep", "nce", "otdd"):
        assert table.choice(score) == "turned by 0", score
        assert table.ranking(score)[-1] == "turned by 150", score
        assert table.correlation(score).tau == 1
        assert table.regret(score) == 0
    assert table.choice("size") == "turned by 30"
    assert table.regret("size") == pytest.approx(0.1)


def test_gains_change_no_score_and_without_them_there_is_no_correlation():
    target, found = candidates()
    one, two = choose_source(target, found), choose_source(target, found, GAINS)
    assert one.scores == two.scores
    assert one.correlation("logme") is None
    assert one.regret("logme") is None
    assert "gain" not in str(one)
    assert "tau with the gain" in str(two)
    assert str(two).splitlines()[0].split()[-1] == "gain"


@pytest.mark.parametrize("ties", [False, True])
def test_the_rank_correlation_is_scipys_with_and_without_ties(ties):
    rng = np.random.default_rng(0)
    for n in (3, 6, 20):
        x, y = rng.normal(size=n), rng.normal(size=n)
        if ties:
            x, y = np.round(x), np.round(y)
        wanted = kendalltau(x, y).statistic
        assert rank_correlation(x, y, draws=10).tau == pytest.approx(wanted, nan_ok=True)


def test_its_interval_covers_the_truth_about_as_often_as_it_says():
    """Normal pairs of correlation r have tau = 2 / pi asin r (Kendall & Gibbons)."""
    r, covered = 0.6, 0
    for seed in range(100):
        x, e = np.random.default_rng(seed).normal(size=(2, 40))
        found = rank_correlation(x, r * x + math.sqrt(1 - r**2) * e, draws=400)
        covered += found.low <= 2 / math.pi * math.asin(r) <= found.high
    assert 85 <= covered <= 100


def test_scores_without_an_order_have_no_correlation():
    found = rank_correlation([1, 1, 1], [1, 2, 3])
    assert math.isnan(found.tau)
    assert math.isnan(found.low)
    table = SourceTable("t", {n: {"a": 1.0, "b": math.nan} for n in GAINS}, GAINS)
    assert table.correlation("b") is None
    with pytest.raises(ValueError, match="no candidate has the score 'b'"):
        table.choice("b")


def test_what_is_no_choice_is_refused():
    target, found = candidates()
    with pytest.raises(ValueError, match="has no labels: give those whose labels may be used"):
        choose_source(target.without_labels(), found)
    with pytest.raises(ValueError, match="a candidate to choose from, got none"):
        choose_source(target, {})
    with pytest.raises(TypeError, match="must be a Candidate, got a Domain for 'a'"):
        choose_source(target, {"a": target})
    with pytest.raises(ValueError, match="no candidate is called 'turned'"):
        choose_source(target, found, {"turned": 1.0})
    name, one = next(iter(found.items()))
    with pytest.raises(ValueError, match="a source must be labeled, and 'turned by 0' is not"):
        choose_source(target, {name: Candidate(one.domain.without_labels(), one.network)})
    wide = tl.Domain("wide", np.zeros((9, 5), np.float32), np.arange(9) % 3)
    with pytest.raises(ValueError, match=r"examples of shape \(5,\), got one for \(2,\)"):
        choose_source(wide, found)
    with pytest.raises(ValueError, match="no score is called 'logm'.*'logme'"):
        choose_source(target, found).ranking("logm")
