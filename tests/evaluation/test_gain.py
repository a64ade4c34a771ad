"""Negative transfer as a number: closed forms and SciPy's paired test as judges, made-up seeds, and real runs on the moons."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cases import for_each
from scipy import stats

from tltutor.evaluation import comparison, table
from tltutor.evaluation.comparison import Judged
from tltutor.evaluation.gain import ALIKE, BOTH_WAYS, ONE_SEED, Gain, paired_gain
from tltutor.experiment import Experiment

MOONS = "moons->rotated-moons"


def by_seed(*values: float) -> dict[int, float]:
    return dict(enumerate(values))


def test_two_seeds_have_a_closed_form() -> None:
    """With one degree of freedom t is Cauchy's: its quantile is tan(pi (p - 1/2))."""
    gain = paired_gain(by_seed(0.80, 0.90), by_seed(0.70, 0.78), level=0.9)
    assert gain.differences == pytest.approx((0.10, 0.12))
    assert gain.mean == pytest.approx(0.11)
    half = np.tan(np.pi * 0.45) * 0.02 / np.sqrt(2) / np.sqrt(2)  # sd = .02 / sqrt 2
    assert gain.low == pytest.approx(0.11 - half)
    assert gain.high == pytest.approx(0.11 + half)
    assert gain.verdict == "gain"


def test_the_interval_is_that_of_scipys_paired_t_test() -> None:
    rng = np.random.default_rng(0)

    def agrees(n: int) -> None:
        method, reference = rng.random(n), rng.random(n)
        gain = paired_gain(by_seed(*method), by_seed(*reference), level=0.8)
        theirs = stats.ttest_rel(method, reference).confidence_interval(0.8)
        assert (gain.low, gain.high) == pytest.approx((theirs.low, theirs.high))

    for_each((2, 3, 5, 12), agrees)


def test_the_verdict_follows_the_interval() -> None:
    reference = by_seed(0.7, 0.6, 0.8)
    cases = {
        "gain": by_seed(0.80, 0.71, 0.89),  # +.10, +.11, +.09
        "harm": by_seed(0.60, 0.49, 0.71),
        "not sure": by_seed(0.90, 0.60, 0.70),  # +.2, 0, -.1
    }

    def is_said(verdict: str) -> None:
        gain = paired_gain(cases[verdict], reference)
        assert gain.verdict == verdict
        assert gain.why == (BOTH_WAYS if verdict == "not sure" else "")

    for_each(cases, is_said)


def test_pairing_takes_out_what_the_seeds_do_to_both_rows() -> None:
    """Seeds spread by .3, the method adds .02 to each: unpaired it would drown, paired it is a gain."""
    reference = np.array([0.4, 0.7, 0.55, 0.9])
    method = reference + np.array([0.02, 0.022, 0.018, 0.021])
    assert paired_gain(by_seed(*method), by_seed(*reference)).verdict == "gain"
    assert stats.ttest_ind(method, reference).confidence_interval().low < -0.2
    shuffled = dict(zip((3, 2, 1, 0), method[::-1], strict=True))
    assert paired_gain(shuffled, by_seed(*reference)).mean == pytest.approx(0.02025), "by seed"


def test_seeds_that_show_no_spread_are_not_sure_and_say_why() -> None:
    one = paired_gain(by_seed(0.9), by_seed(0.1))
    assert (one.verdict, one.why, one.low, one.high) == ("not sure", ONE_SEED, None, None)
    assert one.mean == pytest.approx(0.8)
    alike = paired_gain(by_seed(0.3, 0.4, 0.9), by_seed(0.2, 0.3, 0.8))  # .1 up to rounding
    assert (alike.verdict, alike.why) == ("not sure", ALIKE)


def test_only_seeds_that_both_have_are_paired() -> None:
    gain = paired_gain({3: 0.5, 4: 0.6, 9: 0.1}, {4: 0.5, 3: 0.3})
    assert gain.seeds == (3, 4)
    assert gain.differences == pytest.approx((0.2, 0.1))
    with pytest.raises(ValueError, match=r"\[1\] and \[2\]: run both with the same seeds"):
        paired_gain({1: 0.5}, {2: 0.5})
    for level in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match=f"between 0 and 1, got {level}"):
            paired_gain({1: 0.5}, {1: 0.5}, level=level)


def test_a_method_that_does_nothing_is_seldom_a_gain_or_a_harm_which_a_bootstrap_would_not_keep() -> (
    None
):
    """2000 made-up comparisons of three seeds without a true difference: at most 5 % may sound sure."""
    rng = np.random.default_rng(1)
    d = rng.normal(size=(2000, 3))
    sure = np.mean(
        [paired_gain(by_seed(*row), by_seed(0, 0, 0)).verdict != "not sure" for row in d]
    )
    assert 0.03 < sure < 0.07
    drawn = d[:, rng.integers(3, size=(500, 3))].mean(2)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    assert ((low > 0) | (high < 0)).mean() > 0.15


# --- in a comparison


def made_up(row: str, *values: float, first: int = 0) -> list[Judged]:
    return [
        Judged(row, seed, {"source_accuracy": 0.5, "target_accuracy": value}, 1.0)
        for seed, value in enumerate(values, first)
    ]


def asked(method: str = "coral", seeds: int = 3) -> comparison.Comparison:
    options = {"steps": 5, "device": "cpu", "batch_size": 16, "batchnorm": "separate"}
    return comparison.Comparison(
        Experiment(MOONS, method, session_options=options), tuple(range(seeds))
    )


def gained(*judged: list[Judged], method: str = "coral") -> Gain | None:
    return comparison.gain_of(asked(method), [one for row in judged for one in row])


def test_the_method_is_compared_with_the_true_source_only() -> None:
    """Not with the row that has seen target images, and never with the ceiling."""
    gain = gained(
        made_up("source-only", 0.5, 0.6, 0.4),
        made_up("source-only-target-bn", 0.9, 0.9, 0.9),
        made_up("coral", 0.7, 0.85, 0.62),
        made_up("target-only", 1.0, 1.0, 1.0),
    )
    assert gain is not None
    assert gain.differences == pytest.approx((0.2, 0.25, 0.22))
    assert gain.verdict == "gain"


def test_there_is_no_gain_to_tell_without_two_rows_that_are_judged() -> None:
    zero = made_up("source-only", 0.5, 0.6)
    assert gained(zero) is None
    assert gained(zero, method="source-only") is None
    assert gained(zero, made_up("coral", 0.5, first=7)) is None
    blind = [Judged("coral", 0, {"source_accuracy": 0.5}, 1.0)]
    assert gained(zero, blind) is None


def test_real_runs_tell_it_in_the_table_and_in_the_data() -> None:
    compared = asked()
    heard = list(comparison.compare(compared))
    found = table.as_json(compared, heard)
    json.dumps(found)
    values = {row: found["results"][row]["target_accuracy"]["values"] for row in found["results"]}
    differences = np.subtract(values["coral"], values["source-only"])
    gain = found["gain"]
    assert (gain["over"], gain["of"]) == ("source-only", "target_accuracy")
    assert gain["differences"] == pytest.approx(list(differences))
    text = table.as_text(compared, heard)
    assert f"coral minus source only, target accuracy: {differences.mean():+.3f}" in text
    assert gain["verdict"] in text
    first = [fact for fact in heard if getattr(fact, "seed", 0) == 0]
    assert "not sure; one seed" in table.as_text(asked(seeds=1), first)
    alone = [fact for fact in heard if getattr(fact, "row", "") != "coral"]
    assert table.as_json(asked("source-only"), alone)["gain"] is None
    assert "minus" not in table.as_text(asked("source-only"), alone)
