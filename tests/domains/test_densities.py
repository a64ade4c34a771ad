"""The toys' exact density ratios: closed forms, integrals, and means over fresh samples."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import multivariate_normal

from tltutor.classical import KLIEP
from tltutor.domains import load_pair
from tltutor.domains.densities import DENSITIES, density_ratio, log_densities


@pytest.mark.parametrize("severity", [0.3, 1.0])
def test_the_covariate_shifts_ratio_in_closed_form(severity):
    x = np.random.default_rng(0).normal(size=(50, 2))
    # N(c, s^2) over N(-1, s^2): exp((x (c + 1) - (c^2 - 1) / 2) / s^2)
    c = 2 * severity - 1
    wanted = np.exp((x[:, 0] * (c + 1) - (c**2 - 1) / 2) / 0.64)
    found = density_ratio("wave->covariate-shift", x, severity=severity)
    np.testing.assert_allclose(found, wanted)


def test_without_a_shift_every_ratio_is_one():
    x = np.random.default_rng(0).normal(size=(20, 2))
    for pair in DENSITIES:
        none = {"angle": 0} if "rotated" in pair else {"severity": 0}
        np.testing.assert_allclose(density_ratio(pair, x, **none), 1, rtol=1e-9)


def test_a_mixtures_density_by_scipy():
    x = np.random.default_rng(0).normal(size=(20, 2)) * 2
    _, target = log_densities("blobs->label-shift")
    centers, shares = [[-2, 0.5], [2, 0.5], [0, 3]], [0.1, 0.2, 0.7]
    wanted = sum(
        s * multivariate_normal(c, 0.36 * np.eye(2)).pdf(x)
        for c, s in zip(centers, shares, strict=True)
    )
    np.testing.assert_allclose(np.exp(target(x)), wanted)


def test_the_moons_density_integrates_to_one():
    source, _ = log_densities("moons->rotated-moons", noise=0.3)
    total, _ = dblquad(
        lambda y, x: float(np.exp(source(np.array([[x, y]])))[0]), -4, 4, -4, 4, epsabs=1e-3
    )
    assert total == pytest.approx(1, abs=5e-3)


@pytest.mark.parametrize("pair", DENSITIES)
def test_weighted_source_means_are_target_means(pair):
    """E_s[w g] = E_t[g], for a mild shift, under which the weights have a small variance."""
    mild = {"angle": 15} if "rotated" in pair else {"severity": 0.3}
    mild |= {"noise": 0.4} if "moons" in pair else {}
    seen = load_pair(pair, n_samples=20_000, seed=1, **mild)
    w = density_ratio(pair, seen.source.x, **mild)
    assert w.mean() == pytest.approx(1, abs=0.04)
    for g in (lambda x: x[:, 0], lambda x: x[:, 1], lambda x: x[:, 0] * x[:, 1]):
        here, there = (w * g(seen.source.x)), g(seen.target.x)
        spread = np.sqrt(here.var() / len(here) + there.var() / len(there))
        assert here.mean() == pytest.approx(there.mean(), abs=4 * spread + 1e-3)


def test_an_estimated_ratio_is_held_to_it():
    pair = load_pair("wave->covariate-shift", severity=0.3, n_samples=1500)
    exact = density_ratio("wave->covariate-shift", pair.source.x, severity=0.3)
    found = KLIEP().fit(pair.source.x, target=pair.target.x).weights_
    assert np.abs(found - exact).mean() < 0.5 * np.abs(1 - exact).mean()


def test_what_is_not_known_is_refused():
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match="pair with known densities is called 'blobs->x'"):
        density_ratio("blobs->x", x)
    with pytest.raises(ValueError, match="is called 'severty': did you mean 'severity'"):
        density_ratio("blobs->label-shift", x, severty=1)
    with pytest.raises(ValueError, match="severity must be a number between 0 and 1, got 2"):
        density_ratio("blobs->label-shift", x, severity=2)
    with pytest.raises(ValueError, match=r"x must be points \(n, 2\), got shape \(3, 5\)"):
        density_ratio("blobs->label-shift", np.zeros((3, 5)))
    with pytest.raises(ValueError, match="moons without noise have no density in the plane"):
        density_ratio("moons->rotated-moons", x, noise=0)
