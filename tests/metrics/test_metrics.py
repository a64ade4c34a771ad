"""The numbers beside the map against oracles: closed forms, NumPy loops, scikit-learn, and domains that are alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from scipy.stats import norm
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from tltutor.metrics import (
    accuracy,
    domain_probe,
    domain_probe_accuracy,
    domain_scores,
    feature_numbers,
    knn_label_agreement,
    look,
    mmd2_permutation_band,
    mmd2_permutation_test,
    proxy_a_distance,
    proxy_a_distance_permutation_band,
)
from tltutor.metrics.folds import domain_folds
from tltutor.metrics.mmd_band import _relabeled
from tltutor.objectives.mmd import mmd2


def gaussians(
    delta: float, *, n: int = 200, d: int = 10, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of N(0, I) and N(delta, I): (n, d) each."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)).astype(np.float32), (rng.normal(size=(n, d)) + delta).astype(
        np.float32
    )


def joined(xs: np.ndarray, xt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([xs, xt]), np.arange(len(xs) + len(xt)) >= len(xs)


class TestAccuracy:
    def test_counts_labeled_examples_only(self) -> None:
        assert accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 1, -1])) == pytest.approx(2 / 3)
        assert accuracy(torch.tensor([1, 0]), np.array([1, 1])) == 0.5

    def test_says_what_is_wrong(self) -> None:
        with pytest.raises(ValueError, match="at least one labeled"):
            accuracy(np.array([0]), np.array([-1]))
        with pytest.raises(ValueError, match=r"predictions must have shape \(3,\)"):
            accuracy(np.zeros((3, 2)), np.zeros(3))


class TestMMDPermutationBand:
    def test_value_is_the_unbiased_mmd(self) -> None:
        xs, xt = gaussians(0.3, n=40)
        value, low, high = mmd2_permutation_band(xs, xt[:25], widths=[2.0, 4.0])
        assert value == pytest.approx(
            float(mmd2(torch.tensor(xs), torch.tensor(xt[:25]), [2.0, 4.0])), abs=1e-6
        )
        assert low < high < value

    def test_default_width_is_the_median_distance(self) -> None:
        xs, xt = gaussians(0.3, n=30)
        x = np.concatenate([xs, xt]).astype(np.float64)
        distances = np.linalg.norm(x[:, None] - x, axis=2)[np.triu_indices(60, 1)]
        by_hand = mmd2_permutation_band(xs, xt, widths=[float(np.median(distances))])
        np.testing.assert_allclose(mmd2_permutation_band(xs, xt), by_hand, atol=1e-4)

    def test_relabeled_values_are_mmds_of_random_choices(self) -> None:
        """The one matrix product gives for each permutation what a plain loop over the chosen rows gives."""
        xs, xt = gaussians(0.5, n=8, d=3)
        x = torch.tensor(np.concatenate([xs, xt[:5]]))
        k = torch.exp(-torch.cdist(x, x).square() / 8)
        found = _relabeled(k, 8, 20, seed=3)
        order = torch.rand(20, 13, generator=torch.Generator().manual_seed(3)).argsort(1)
        for value, row in zip(found, order, strict=True):
            chosen = row < 8
            assert chosen.sum() == 8
            assert float(value) == pytest.approx(
                float(mmd2(x[chosen], x[~chosen], [2.0])), abs=1e-5
            )

    def test_band_is_the_middle_95_percent(self) -> None:
        xs, xt = gaussians(0.3, n=20, d=3)
        x = torch.tensor(np.concatenate([xs, xt]))
        values = _relabeled(torch.exp(-torch.cdist(x, x).square() / 8), 20, 100, seed=0)
        _, low, high = mmd2_permutation_band(xs, xt, [2.0])
        assert (low, high) == pytest.approx(np.percentile(values, [2.5, 97.5]), abs=1e-5)

    def test_band_holds_alike_domains_about_as_often_as_it_says(self) -> None:
        inside = 0
        for seed in range(60):
            value, low, high = mmd2_permutation_band(
                *gaussians(0.0, n=40, d=4, seed=seed), seed=seed
            )
            inside += low <= value <= high
        assert 50 <= inside <= 60  # 95 % of 60 is 57
        assert low < 0 < high  # unbiased: below 0 about half the time

    def test_shifted_domains_are_outside(self) -> None:
        value, _, high = mmd2_permutation_band(*gaussians(0.5))
        assert value > high

    def test_scale_changes_nothing_and_constants_are_finite(self) -> None:
        xs, xt = gaussians(0.2, n=50)
        np.testing.assert_allclose(
            mmd2_permutation_band(xs, xt), mmd2_permutation_band(1000 * xs, 1000 * xt), atol=1e-5
        )
        assert mmd2_permutation_band(np.ones((4, 3)), np.ones((5, 3))) == pytest.approx(
            (0, 0, 0), abs=1e-6
        )


def test_a_p_value_counts_the_relabelings_by_hand() -> None:
    xs, xt = gaussians(0.2, n=20, d=3)
    x = torch.tensor(np.concatenate([xs, xt]))
    values = _relabeled(torch.exp(-torch.cdist(x, x).square() / 8), 20, 99, seed=0)
    found = mmd2_permutation_test(xs, xt, [2.0], permutations=99)
    assert found[:3] == mmd2_permutation_band(xs, xt, [2.0], permutations=99)
    assert found.p == (1 + int((values >= found.value).sum())) / 100
    assert 0.01 < found.p < 1
    far = mmd2_permutation_test(xs, xt + 9, [2.0], permutations=99)
    assert far.p == 0.01, "never 0: the true labeling is one of all"
    same = mmd2_permutation_test(np.ones((9, 3)), np.ones((9, 3)), permutations=99)
    assert same.p == 1, "rounding is no difference"


def test_p_values_of_alike_domains_are_spread_evenly() -> None:
    found = [
        domain_probe(*joined(*gaussians(0.0, n=50, d=6, seed=s)), permutations=39, seed=s).p
        for s in range(80)
    ]
    assert 0.42 < np.mean(found) < 0.6
    assert 1 <= sum(p <= 0.1 for p in found) <= 18  # 8 are expected
    assert domain_probe(*joined(*gaussians(3.0, n=50, d=6)), permutations=39).p == 1 / 40


def test_domain_scores_are_those_that_the_probe_counts() -> None:
    x, is_target = joined(*gaussians(0.4, n=100, d=5))
    told = domain_scores(x, is_target, seed=3) > 0
    right = (told[is_target].mean() + (~told[~is_target]).mean()) / 2
    assert right == pytest.approx(domain_probe_accuracy(x, is_target, seed=3), abs=1e-6)


class TestDomainProbe:
    def test_reaches_the_error_of_the_best_line(self) -> None:
        delta, d = 0.5, 8
        x, is_target = joined(*gaussians(delta, n=2000, d=d))
        best = norm.cdf(delta * np.sqrt(d) / 2)
        assert domain_probe_accuracy(x, is_target) == pytest.approx(best, abs=0.015)

    def test_agrees_with_scikit_learns_ridge(self) -> None:
        x, is_target = joined(*gaussians(0.25, n=200, d=30))
        probe = make_pipeline(StandardScaler(), RidgeClassifier(alpha=0.1 * 320))
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        theirs = cross_val_score(probe, x, is_target, cv=folds).mean()
        assert domain_probe_accuracy(x, is_target) == pytest.approx(theirs, abs=0.03)

    def test_learns_nothing_from_the_held_out_fold(self) -> None:
        """Many dimensions, few points: a probe that saw its test points would be near 1."""
        found = [
            domain_probe_accuracy(*joined(*gaussians(0.0, n=40, d=100, seed=s))) for s in range(20)
        ]
        assert np.mean(found) == pytest.approx(0.5, abs=0.04)

    def test_band_holds_alike_domains_about_as_often_as_it_says(self) -> None:
        found = [
            domain_probe(*joined(*gaussians(0.0, n=50, d=6, seed=s)), seed=s) for s in range(60)
        ]
        assert 50 <= sum(p.null_low <= p.accuracy <= p.null_high for p in found) <= 60
        assert all(p.null_low < 0.5 < p.null_high for p in found)

    def test_guessing_is_a_half_whatever_the_sizes(self) -> None:
        rng = np.random.default_rng(0)
        found = [
            domain_probe_accuracy(rng.normal(size=(220, 5)), np.arange(220) < 20, seed=s)
            for s in range(20)
        ]
        assert np.mean(found) == pytest.approx(0.5, abs=0.06)
        x, is_target = joined(*gaussians(3.0, n=100, d=5))
        assert domain_probe_accuracy(x[:120], is_target[:120]) > 0.98

    def test_permuted_labels_keep_each_folds_counts(self) -> None:
        target = np.arange(23) < 9
        fold = domain_folds(np.arange(46.0).reshape(23, 2), target, np.random.default_rng(0))
        assert np.bincount(fold[target]).tolist() == [2, 2, 2, 2, 1]
        assert np.bincount(fold[~target]).tolist() == [3, 3, 3, 3, 2]

    def test_scale_and_shift_change_nothing(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=60))
        scaled = x * np.logspace(-2, 2, x.shape[1]) + 3
        assert domain_probe_accuracy(scaled, is_target) == pytest.approx(
            domain_probe_accuracy(x, is_target), abs=0.01
        )

    def test_constant_features_are_guessing(self) -> None:
        assert domain_probe_accuracy(np.ones((20, 3)), np.arange(20) < 8) == 0.5

    def test_needs_two_of_each(self) -> None:
        with pytest.raises(ValueError, match="got 4 source and 1 target"):
            domain_probe_accuracy(np.zeros((5, 2)), np.arange(5) == 0)


class TestProxyADistance:
    @pytest.mark.parametrize("delta", [0.3, 0.8])
    def test_two_gaussians(self, delta: float) -> None:
        d = 4
        error = norm.cdf(-delta * np.sqrt(d) / 2)
        found = proxy_a_distance(*gaussians(delta, n=1500, d=d))
        assert found == pytest.approx(2 * (1 - 2 * error), abs=0.06)

    def test_far_apart_is_two(self) -> None:
        assert proxy_a_distance(*gaussians(6.0, n=50)) == 2

    def test_alike_domains_average_zero_and_the_band_covers_it(self) -> None:
        found = [proxy_a_distance(*gaussians(0.0, n=60, d=5, seed=s)) for s in range(8)]
        assert np.mean(found) == pytest.approx(0, abs=0.12)
        assert min(found) < 0  # not cut off: that would be biased
        value, low, high = proxy_a_distance_permutation_band(
            *gaussians(0.0, n=60, d=5, seed=1), permutations=20
        )
        assert low <= value <= high
        assert low < 0 < high

    def test_shifted_domains_are_outside_the_band(self) -> None:
        value, _, high = proxy_a_distance_permutation_band(
            *gaussians(0.6, n=60, d=5), permutations=20
        )
        assert value > high

    def test_scale_changes_nothing(self) -> None:
        xs, xt = gaussians(0.3, n=80)
        scales = np.logspace(-3, 3, 10)
        assert proxy_a_distance(xs * scales + 5, xt * scales + 5) == pytest.approx(
            proxy_a_distance(xs, xt), abs=0.02
        )

    def test_two_gaussians_of_unequal_sizes(self) -> None:
        """Both domains count alike: an unbalanced fit would call nearly everything source, and find them alike."""
        xs, xt = gaussians(0.8, n=3000, d=4)
        error = norm.cdf(-0.8)
        assert proxy_a_distance(xs, xt[:300]) == pytest.approx(2 * (1 - 2 * error), abs=0.12)

    def test_unequal_sizes_still_start_at_zero(self) -> None:
        xs, xt = gaussians(0.0, n=300, d=5)
        assert proxy_a_distance(xs, xt[:30]) == pytest.approx(0, abs=0.5)

    def test_seed_decides(self) -> None:
        pair = gaussians(0.2, n=40)
        assert proxy_a_distance(*pair, seed=1) == proxy_a_distance(*pair, seed=1)

    def test_bad_input_is_said(self) -> None:
        with pytest.raises(ValueError, match="rows of one width, got 3 and 2"):
            proxy_a_distance(np.zeros((5, 3)), np.zeros((5, 2)))
        with pytest.raises(ValueError, match="at least 2 examples of each domain, got 5 and 1"):
            proxy_a_distance(np.zeros((5, 3)), np.zeros((1, 3)))


class TestKNNLabelAgreement:
    def test_by_a_plain_loop(self) -> None:
        rng = np.random.default_rng(0)
        x, labels, is_target = (
            rng.normal(size=(60, 3)),
            rng.integers(-1, 3, 60),
            np.arange(60) % 3 == 0,
        )
        shares = []
        for i in np.flatnonzero(is_target & (labels >= 0)):
            source = np.flatnonzero(~is_target & (labels >= 0))
            nearest = source[np.argsort(np.linalg.norm(x[source] - x[i], axis=1))[:4]]
            shares.append((labels[nearest] == labels[i]).mean())
        assert knn_label_agreement(x, labels, is_target, k=4) == pytest.approx(
            np.mean(shares), abs=1e-6
        )

    def test_aligned_one_swapped_zero(self) -> None:
        x = (
            np.repeat([[0.0, 0], [9, 9]], 20, 0)
            + np.random.default_rng(0).normal(size=(40, 2)) * 0.1
        )
        labels, is_target = np.repeat([0, 1], 20), np.arange(40) % 2 == 0
        assert knn_label_agreement(x, labels, is_target, k=5) == 1
        assert knn_label_agreement(x, np.where(is_target, 1 - labels, labels), is_target, k=5) == 0

    def test_more_neighbors_than_there_are(self) -> None:
        assert (
            knn_label_agreement(
                np.eye(3), np.array([0, 1, 1]), np.array([False, False, True]), k=10
            )
            == 0.5
        )

    def test_needs_labels_on_both_sides(self) -> None:
        with pytest.raises(ValueError, match="got 2 source and 0 target"):
            knn_label_agreement(np.eye(3), np.array([0, 1, -1]), np.array([False, False, True]))


class TestFeatureNumbers:
    NAMES = (
        "domain_probe_accuracy",
        "domain_probe_null_high",
        "mmd2",
        "mmd2_null_low",
        "mmd2_null_high",
    )

    def test_names_and_values(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=50))
        labels = np.arange(100) % 4
        numbers = feature_numbers(x, labels, is_target, seed=2)
        assert tuple(numbers) == (*self.NAMES, "knn_label_agreement")
        assert all(type(value) is float for value in numbers.values())
        band = mmd2_permutation_band(x[~is_target], x[is_target], seed=2)
        assert (numbers["mmd2"], numbers["mmd2_null_low"], numbers["mmd2_null_high"]) == band
        assert numbers["domain_probe_accuracy"] == domain_probe(x, is_target, seed=2).accuracy
        assert numbers["knn_label_agreement"] == knn_label_agreement(x, labels, is_target)

    def test_of_many_points_a_part_is_compared_pair_by_pair(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        x, is_target = joined(*gaussians(0.5, n=200))
        labels = np.where(np.arange(400) % 3 == 0, -1, np.arange(400) % 4)
        whole = feature_numbers(x, labels, is_target)
        sizes = []
        band, agreement = look.mmd2_permutation_band, look.knn_label_agreement

        def banded(xs: torch.Tensor, xt: torch.Tensor, **about: Any) -> Any:
            sizes.append((len(xs), len(xt)))
            return band(xs, xt, **about)

        def agreed(x: torch.Tensor, y: torch.Tensor, target: torch.Tensor) -> float:
            sizes.append((int((~target).sum()), int((target & (y >= 0)).sum())))
            return agreement(x, y, target)

        monkeypatch.setattr(look, "MOST", 100)
        monkeypatch.setattr(look, "mmd2_permutation_band", banded)
        monkeypatch.setattr(look, "knn_label_agreement", agreed)
        part = feature_numbers(x, labels, is_target)
        assert sizes == [(100, 100), (200, 100)]
        assert part == feature_numbers(x, labels, is_target)
        assert part["mmd2"] == pytest.approx(whole["mmd2"], rel=0.5)
        assert part["mmd2"] > part["mmd2_null_high"]
        assert part["knn_label_agreement"] == pytest.approx(whole["knn_label_agreement"], abs=0.1)

    def test_no_agreement_without_labels(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=20))
        for labels in (np.full(40, -1), np.where(is_target, -1, 1), np.where(is_target, 1, -1)):
            assert tuple(feature_numbers(x, labels, is_target)) == self.NAMES

    def test_seeded_and_apart_from_global_randomness(self) -> None:
        x, is_target = joined(*gaussians(0.1, n=40))
        labels = np.zeros(80, int)
        state = torch.random.get_rng_state()
        first = feature_numbers(x, labels, is_target, seed=1)
        assert torch.equal(state, torch.random.get_rng_state())
        torch.manual_seed(5)
        assert (
            feature_numbers(torch.tensor(x), torch.tensor(labels), torch.tensor(is_target), seed=1)
            == first
        )
        assert feature_numbers(x, labels, is_target, seed=2) != first

    def test_rows_may_come_in_any_order(self) -> None:
        x, is_target = joined(*gaussians(0.5, n=60))
        order = np.random.default_rng(0).permutation(120)
        a = feature_numbers(x, np.zeros(120, int), is_target)
        b = feature_numbers(x[order], np.zeros(120, int), is_target[order])
        assert a["mmd2"] == pytest.approx(b["mmd2"], abs=1e-6)
        assert a["domain_probe_accuracy"] == pytest.approx(b["domain_probe_accuracy"], abs=0.05)

    def test_bad_input_is_said(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=20))
        broken = x.copy()
        broken[3] = np.nan
        with pytest.raises(ValueError, match="NaN or infinity in 1 of 40 rows"):
            feature_numbers(broken, np.zeros(40, int), is_target)
        with pytest.raises(ValueError, match=r"is_target must have shape \(40,\)"):
            feature_numbers(x, np.zeros(40, int), is_target[:5])
        with pytest.raises(ValueError, match=r"shape \(n, d\)"):
            feature_numbers(x[0], np.zeros(40, int), is_target)


def classes(n: int = 40, d: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of two classes and two domains, their labels and domains."""
    rng = np.random.default_rng(0)
    y, is_target = np.tile([0, 1], n), np.repeat([False, True], n)
    return rng.normal(size=(2 * n, d)) + 3 * y[:, None] - is_target[:, None] * 0.5, y, is_target


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "probe": lambda x, _, t: domain_probe_accuracy(x, t),
    "mmd": lambda x, _, t: mmd2_permutation_band(x[~t], x[t])[0],
    "distance": lambda x, _, t: proxy_a_distance(x[~t], x[t]),
    "agreement": knn_label_agreement,
}


class TestPrecision:
    """Numbers that depend on differences of features alone are the same far from 0, in any unit and in any type."""

    def test_offsets_scales_and_constant_columns_change_nothing(self) -> None:
        x, y, t = classes()
        changed = {
            "far": x + 1e4,
            "farther": x + 1e5,
            "one column far": x + 1e5 * np.arange(5),
            "small": x * 1e-6,
            "large": x * 1e6,
            "constant": np.concatenate([x, np.full((80, 3), 1e5)], 1),
        }
        for name, measure in MEASURES.items():
            for how, features in changed.items():
                assert measure(features, y, t) == pytest.approx(measure(x, y, t), abs=1e-5), (
                    f"{name}, {how}"
                )

    def test_far_from_zero_neighbors_are_scikit_learns(self) -> None:
        """torch.cdist in float32 loses their order at 1e4 and all of it at 1e5."""
        x, y, t = classes()
        rows = NearestNeighbors(n_neighbors=10).fit(x[~t]).kneighbors(x[t])[1]
        exact = (y[~t][rows] == y[t][:, None]).mean()
        for offset in (0, 1e4, 1e5, 1e8):
            assert knn_label_agreement(x + offset, y, t) == pytest.approx(exact, abs=1e-6)
        clusters = (
            x + 1e4 * (np.arange(80) % 3 == 0)[:, None]
        )  # far from each other instead of from 0
        rows = NearestNeighbors(n_neighbors=3).fit(clusters[~t]).kneighbors(clusters[t])[1]
        assert knn_label_agreement(clusters, y, t, k=3) == pytest.approx(
            (y[~t][rows] == y[t][:, None]).mean(), abs=1e-6
        )

    def test_every_type_of_number_is_taken(self) -> None:
        x, y, t = classes()
        whole = np.round(x * 8)
        for name, measure in MEASURES.items():
            wanted = measure(whole, y, t)
            for dtype in (np.float32, np.float16, np.int64, np.int8, ">f8"):
                assert measure(whole.astype(dtype), y, t) == pytest.approx(wanted, abs=1e-6), (
                    f"{name}, {dtype}"
                )
        frame = pd.DataFrame(whole).astype({0: "Float64", 1: "Int64", 2: "float32"})
        assert proxy_a_distance(frame[~t], frame[t]) == MEASURES["distance"](whole, y, t)
        half = torch.tensor(whole, dtype=torch.bfloat16)
        assert domain_probe_accuracy(half, torch.tensor(t)) == MEASURES["probe"](whole, y, t)

    def test_domains_of_two_types_meet_at_the_wider_one(self) -> None:
        """Joined in float32, rows near 1e8 would all round to a few values."""
        x, _, t = classes()
        far = np.round(x * 8) + 1e8
        mixed = mmd2_permutation_band(far[~t].astype(np.int64), far[t])
        assert mixed == pytest.approx(
            mmd2_permutation_band(x[~t] * 0 + np.round(x[~t] * 8), np.round(x[t] * 8)), abs=1e-5
        )

    def test_many_duplicates(self) -> None:
        """More than half of the distances are 0; no value depends on the unit even so."""
        x, y, t = classes(n=60)
        x[np.arange(120) % 4 > 0] = x[0]
        for name, measure in MEASURES.items():
            value = measure(x, y, t)
            assert np.isfinite(value)
            for scale in (1e-6, 1e6):
                assert measure(x * scale, y, t) == pytest.approx(value, abs=1e-5), (
                    f"{name}, {scale}"
                )

    def test_one_domain_alone_is_refused_in_a_sentence(self) -> None:
        x, y, t = classes()
        for alone in (t & False, t | True):
            for measure in (MEASURES["probe"], MEASURES["agreement"], feature_numbers):
                with pytest.raises(ValueError, match="both domains|each domain"):
                    measure(x, y, alone)
        for measure in (proxy_a_distance, mmd2_permutation_band):
            with pytest.raises(ValueError, match="at least 2 .* of each domain, got 80 and 1"):
                measure(x, x[:1])


class TestTwins:
    """A domain against itself: each row's twin has the other label, and must not be in the training part."""

    def test_a_domain_against_itself_is_not_told_apart(self) -> None:
        x = np.random.default_rng(0).normal(size=(200, 20))
        both, is_target = joined(x, x)
        found = domain_probe(both, is_target)
        assert found.accuracy == pytest.approx(0.5, abs=0.02)
        assert found.null_low <= found.accuracy <= found.null_high
        assert proxy_a_distance(x, x) == pytest.approx(0, abs=0.05)
        _, low, high = proxy_a_distance_permutation_band(x[:60], x[:60], permutations=10)
        assert low <= 0 <= high

    def test_identical_rows_share_a_fold_and_every_training_part_has_both_domains(self) -> None:
        for seed in range(200):
            rng = np.random.default_rng(seed)
            n_s, n_t = rng.integers(2, 40, 2)
            t = np.arange(n_s + n_t) >= n_s
            x = rng.integers(0, rng.integers(1, 60), (len(t), 1)).astype(float)
            fold = domain_folds(x, t, rng)
            sizes = np.array(
                [
                    [np.sum(t[fold != f] == domain) for domain in (0, 1)]
                    for f in range(fold.max() + 1)
                ]
            )
            assert (sizes > 0).all()
            assert fold.max() + 1 == min(5, n_s, n_t)
            for value in np.unique(x):
                same = x[:, 0] == value
                counts = np.array([np.sum(same & ~t), np.sum(same & t)])
                if (counts <= np.ceil(np.array([n_s, n_t]) / (fold.max() + 1))).all():
                    assert len(set(fold[same])) == 1

    def test_the_smaller_domain_is_spread_evenly_whatever_its_twins_are(self) -> None:
        for seed in range(50):
            rng = np.random.default_rng(seed)
            small, large = (
                np.arange(9.0),
                rng.choice(np.arange(14.0), 60),
            )  # with copies of the small domain's rows
            for x, t in (
                (np.concatenate([large, small]), np.arange(69) >= 60),
                (np.concatenate([small, large]), np.arange(69) >= 9),
            ):
                fold = domain_folds(x[:, None], t, rng)
                counts = np.bincount(fold[t if t.sum() == 9 else ~t], minlength=5)
                assert np.ptp(counts) <= 1

    def test_a_domain_of_one_repeated_row_is_told_apart(self) -> None:
        x = np.concatenate([np.random.default_rng(0).normal(size=(60, 4)), np.full((30, 4), 9.0)])
        assert domain_probe_accuracy(x, np.arange(90) >= 60) == 1
        assert proxy_a_distance(x[:60], x[60:]) == 2

    def test_zero_and_minus_zero_are_one_value(self) -> None:
        fold = domain_folds(
            np.array([[0.0], [1.0], [2.0], [3.0], [-0.0], [4.0]]),
            np.arange(6) >= 3,
            np.random.default_rng(0),
        )
        assert fold[0] == fold[4]


class TestWhatIsGiven:
    """What cannot be measured is refused in one sentence, whose remedy works."""

    def test_words_for_labels(self) -> None:
        labels, names = ["cat", "dog", "cat"], ["cat", "dog"]
        with pytest.raises(
            TypeError,
            match=r"predictions must be class numbers.*'cat'.*names.index\(name\) for name in predictions",
        ):
            accuracy(np.array(["cat", "dog", "dog"]), np.array(labels))
        assert accuracy([0, 1, 1], [names.index(name) for name in labels]) == pytest.approx(2 / 3)
        with pytest.raises(ValueError, match="labels must be whole numbers, -1 for none, got 0.5"):
            accuracy([0, 1], [0.5, 1])
        with pytest.raises(ValueError, match="labels must be whole numbers, -1 for none, got nan"):
            accuracy([0, 1], [np.nan, 1])

    def test_words_and_numbers_for_domains(self) -> None:
        x, is_target = np.random.default_rng(0).normal(size=(8, 2)), np.repeat(["s", "t"], 4)
        with pytest.raises(
            TypeError, match=r"must be True or False.*'s': pass np.asarray\(is_target\) == 't'$"
        ):
            domain_probe_accuracy(x, is_target)
        followed = domain_probe_accuracy(x, np.asarray(is_target) == "t")
        is_target = np.repeat([1, 2], 4)
        with pytest.raises(
            ValueError, match=r"must be True or False.*got 2: pass np.asarray\(is_target\) == 2$"
        ):
            domain_probe_accuracy(x, is_target)
        assert (
            domain_probe_accuracy(x, np.asarray(is_target) == 2)
            == followed
            == domain_probe_accuracy(x, np.arange(8) >= 4)
        )

    def test_data_frames_of_text_name_the_column(self) -> None:
        df = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": ["x", "y", "x", "y"]})
        for measure in (proxy_a_distance, mmd2_permutation_band):
            with pytest.raises(
                TypeError,
                match=r"xs must be numbers, and column 'b' is text.*drop\(columns=\['b'\]\).*get_dummies",
            ) as e:
                measure(df, df)
            assert "\n" not in str(e.value)
            measure(df.drop(columns=["b"]), df.drop(columns=["b"]))
            measure(pd.get_dummies(df), pd.get_dummies(df))
        with pytest.raises(TypeError, match="column 'c' is of dtype datetime64"):
            proxy_a_distance(df[["a"]].assign(c=pd.Timestamp("2020-01-01")), df)

    def test_other_rows_that_are_no_numbers(self) -> None:
        good = np.random.default_rng(0).normal(size=(6, 2))
        words = np.array([["a", "b"], ["b", "a"]] * 3)
        with pytest.raises(
            TypeError, match=r"xs must be real numbers.*got dtype <U1: convert them"
        ):
            proxy_a_distance(words, good)
        proxy_a_distance(OrdinalEncoder().fit_transform(words), good)
        assert proxy_a_distance(good.astype(object), good) == proxy_a_distance(good, good), (
            "objects that are numbers are taken"
        )
        with pytest.raises(ValueError, match=r"sparse csr_array: give x.toarray\(\)"):
            proxy_a_distance(scipy.sparse.csr_array(good), good)
        masked = np.ma.masked_array(good, mask=good > 1)
        with pytest.raises(ValueError, match=r"masked.*filled\(value\)"):
            proxy_a_distance(masked, good)
        proxy_a_distance(masked.filled(0), good)
        with pytest.raises(ValueError, match="one array with examples of one shape"):
            proxy_a_distance([[1.0, 2], [3]], good)
        with pytest.raises(TypeError, match="real numbers"):
            proxy_a_distance(torch.tensor(good).cfloat(), good)

    def test_counts_below_one(self) -> None:
        x, y, t = classes()
        with pytest.raises(ValueError, match="k must be at least 1, got 0"):
            knn_label_agreement(x, y, t, k=0)
        for band in (
            lambda **p: domain_probe(x, t, **p),
            lambda **p: mmd2_permutation_band(x[t], x[~t], **p),
        ):
            with pytest.raises(ValueError, match="permutations must be at least 1, got 0"):
                band(permutations=0)
        with pytest.raises(ValueError, match="permutations must be at least 1, got 0"):
            proxy_a_distance_permutation_band(x[t], x[~t], permutations=0)
