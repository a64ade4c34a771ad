"""The numbers beside the map against oracles: closed forms, NumPy loops, scikit-learn, and domains that are alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tltutor.metrics import (
    accuracy,
    domain_probe,
    domain_probe_accuracy,
    feature_numbers,
    mmd2_null_band,
    neighbour_agreement,
    proxy_a_distance,
    proxy_a_distance_null_band,
)
from tltutor.metrics.mmd_null import _relabelled
from tltutor.metrics.probe import _stratified_folds
from tltutor.objectives.mmd import mmd2


def gaussians(delta: float, *, n: int = 200, d: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of N(0, I) and N(delta, I): (n, d) each."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)).astype(np.float32), (rng.normal(size=(n, d)) + delta).astype(np.float32)


def joined(xs: np.ndarray, xt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([xs, xt]), np.arange(len(xs) + len(xt)) >= len(xs)


class TestAccuracy:
    def test_counts_labeled_examples_only(self) -> None:
        assert accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 1, -1])) == pytest.approx(2 / 3)
        assert accuracy(torch.tensor([1, 0]), np.array([1, 1])) == 0.5

    def test_says_what_is_wrong(self) -> None:
        with pytest.raises(ValueError, match="at least one labeled"):
            accuracy(np.array([0]), np.array([-1]))
        with pytest.raises(ValueError, match=r"shape \(n,\)"):
            accuracy(np.zeros((3, 2)), np.zeros(3))


class TestMMDNullBand:
    def test_value_is_the_unbiased_mmd(self) -> None:
        xs, xt = gaussians(0.3, n=40)
        value, low, high = mmd2_null_band(xs, xt[:25], widths=[2.0, 4.0])
        assert value == pytest.approx(float(mmd2(torch.tensor(xs), torch.tensor(xt[:25]), [2.0, 4.0])), abs=1e-6)
        assert low < high < value

    def test_default_width_is_the_median_distance(self) -> None:
        xs, xt = gaussians(0.3, n=30)
        x = np.concatenate([xs, xt]).astype(np.float64)
        distances = np.linalg.norm(x[:, None] - x, axis=2)[np.triu_indices(60, 1)]
        by_hand = mmd2_null_band(xs, xt, widths=[float(np.median(distances))])
        np.testing.assert_allclose(mmd2_null_band(xs, xt), by_hand, atol=1e-4)

    def test_relabelled_values_are_mmds_of_random_choices(self) -> None:
        """The one matrix product gives for each permutation what a plain loop over the chosen rows gives."""
        xs, xt = gaussians(0.5, n=8, d=3)
        x = torch.tensor(np.concatenate([xs, xt[:5]]))
        k = torch.exp(-torch.cdist(x, x).square() / 8)
        found = _relabelled(k, 8, 20, seed=3)
        order = torch.rand(20, 13, generator=torch.Generator().manual_seed(3)).argsort(1)
        for value, row in zip(found, order, strict=True):
            chosen = row < 8
            assert chosen.sum() == 8
            assert float(value) == pytest.approx(float(mmd2(x[chosen], x[~chosen], [2.0])), abs=1e-5)

    def test_band_holds_alike_domains_about_as_often_as_it_says(self) -> None:
        inside = 0
        for seed in range(60):
            value, low, high = mmd2_null_band(*gaussians(0.0, n=40, d=4, seed=seed), seed=seed)
            inside += low <= value <= high
        assert 50 <= inside <= 60  # 95 % of 60 is 57
        assert low < 0 < high  # unbiased: below 0 about half the time

    def test_shifted_domains_are_outside(self) -> None:
        value, _, high = mmd2_null_band(*gaussians(0.5))
        assert value > high

    def test_scale_changes_nothing_and_constants_are_finite(self) -> None:
        xs, xt = gaussians(0.2, n=50)
        np.testing.assert_allclose(mmd2_null_band(xs, xt), mmd2_null_band(1000 * xs, 1000 * xt), atol=1e-5)
        assert mmd2_null_band(np.ones((4, 3)), np.ones((5, 3))) == pytest.approx((0, 0, 0), abs=1e-6)


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
        found = [domain_probe_accuracy(*joined(*gaussians(0.0, n=40, d=100, seed=s))) for s in range(20)]
        assert np.mean(found) == pytest.approx(0.5, abs=0.04)

    def test_band_holds_alike_domains_about_as_often_as_it_says(self) -> None:
        found = [domain_probe(*joined(*gaussians(0.0, n=50, d=6, seed=s)), seed=s) for s in range(60)]
        assert 50 <= sum(p.null_low <= p.accuracy <= p.null_high for p in found) <= 60
        assert all(p.null_low < 0.5 < p.null_high for p in found)

    def test_guessing_is_a_half_whatever_the_sizes(self) -> None:
        rng = np.random.default_rng(0)
        found = [domain_probe_accuracy(rng.normal(size=(220, 5)), np.arange(220) < 20, seed=s) for s in range(20)]
        assert np.mean(found) == pytest.approx(0.5, abs=0.06)
        x, is_target = joined(*gaussians(3.0, n=100, d=5))
        assert domain_probe_accuracy(x[:120], is_target[:120]) > 0.98

    def test_permuted_labels_keep_each_folds_counts(self) -> None:
        target = torch.arange(23) < 9
        fold = _stratified_folds(target, torch.Generator().manual_seed(0))
        assert torch.bincount(fold[target]).tolist() == [2, 2, 2, 2, 1]
        assert torch.bincount(fold[~target]).tolist() == [3, 3, 3, 3, 2]

    def test_scale_and_shift_change_nothing(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=60))
        scaled = x * np.logspace(-2, 2, x.shape[1]) + 3
        assert domain_probe_accuracy(scaled, is_target) == pytest.approx(domain_probe_accuracy(x, is_target), abs=0.01)

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
        value, low, high = proxy_a_distance_null_band(*gaussians(0.0, n=60, d=5, seed=1), permutations=20)
        assert low <= value <= high
        assert low < 0 < high

    def test_shifted_domains_are_outside_the_band(self) -> None:
        value, _, high = proxy_a_distance_null_band(*gaussians(0.6, n=60, d=5), permutations=20)
        assert value > high

    def test_scale_changes_nothing(self) -> None:
        xs, xt = gaussians(0.3, n=80)
        scales = np.logspace(-3, 3, 10)
        assert proxy_a_distance(xs * scales + 5, xt * scales + 5) == pytest.approx(proxy_a_distance(xs, xt), abs=0.02)

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


class TestNeighbourAgreement:
    def test_by_a_plain_loop(self) -> None:
        rng = np.random.default_rng(0)
        x, labels, is_target = rng.normal(size=(60, 3)), rng.integers(-1, 3, 60), np.arange(60) % 3 == 0
        shares = []
        for i in np.flatnonzero(is_target & (labels >= 0)):
            source = np.flatnonzero(~is_target & (labels >= 0))
            nearest = source[np.argsort(np.linalg.norm(x[source] - x[i], axis=1))[:4]]
            shares.append((labels[nearest] == labels[i]).mean())
        assert neighbour_agreement(x, labels, is_target, k=4) == pytest.approx(np.mean(shares), abs=1e-6)

    def test_aligned_one_swapped_zero(self) -> None:
        x = np.repeat([[0.0, 0], [9, 9]], 20, 0) + np.random.default_rng(0).normal(size=(40, 2)) * 0.1
        labels, is_target = np.repeat([0, 1], 20), np.arange(40) % 2 == 0
        assert neighbour_agreement(x, labels, is_target, k=5) == 1
        assert neighbour_agreement(x, np.where(is_target, 1 - labels, labels), is_target, k=5) == 0

    def test_more_neighbours_than_there_are(self) -> None:
        assert neighbour_agreement(np.eye(3), np.array([0, 1, 1]), np.array([False, False, True]), k=10) == 0.5

    def test_needs_labels_on_both_sides(self) -> None:
        with pytest.raises(ValueError, match="got 2 source and 0 target"):
            neighbour_agreement(np.eye(3), np.array([0, 1, -1]), np.array([False, False, True]))


class TestFeatureNumbers:
    NAMES = ("domain_probe_accuracy", "domain_probe_null_high", "mmd2", "mmd2_null_low", "mmd2_null_high")

    def test_names_and_values(self) -> None:
        x, is_target = joined(*gaussians(0.3, n=50))
        labels = np.arange(100) % 4
        numbers = feature_numbers(x, labels, is_target, seed=2)
        assert tuple(numbers) == (*self.NAMES, "neighbour_agreement")
        assert all(type(value) is float for value in numbers.values())
        band = mmd2_null_band(x[~is_target], x[is_target], seed=2)
        assert (numbers["mmd2"], numbers["mmd2_null_low"], numbers["mmd2_null_high"]) == band
        assert numbers["domain_probe_accuracy"] == domain_probe(x, is_target, seed=2).accuracy
        assert numbers["neighbour_agreement"] == neighbour_agreement(x, labels, is_target)

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
        assert feature_numbers(torch.tensor(x), torch.tensor(labels), torch.tensor(is_target), seed=1) == first
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
