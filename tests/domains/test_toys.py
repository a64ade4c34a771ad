"""The 2-D toys against geometry: each shift is what its name says, and nothing at severity 0."""

import numpy as np
import pytest

from tltutor.domains import load_pair, pair_names, toys
from tltutor.domains.registry import PAIRS

TOYS = [
    name
    for name in pair_names()
    if PAIRS[name].embedded and "n_samples" in {option.name for option in PAIRS[name].options}
]


def rows(domain):
    return {row.tobytes() for row in domain.x}


def test_points_turn_counterclockwise():
    assert toys.rotate_points(np.array([[1.0, 0.0]]), 90) == pytest.approx(np.array([[0.0, 1.0]]))
    x = np.random.default_rng(0).standard_normal((20, 2))
    assert toys.rotate_points(toys.rotate_points(x, 50), -50) == pytest.approx(x)
    assert toys.rotate_points(x, 0) is x


@pytest.mark.parametrize("angle", [0.0, 30.0, 110.0])
def test_moons_without_noise_lie_on_two_turned_half_circles(angle):
    x, y = toys.moons(200, np.random.default_rng(0), angle=angle, noise=0.0)
    back = toys.rotate_points(x, -angle)
    centers = np.where(y[:, None] == 0, [-0.5, -0.25], [0.5, 0.25])
    assert np.linalg.norm(back - centers, axis=1) == pytest.approx(np.ones(200))
    assert np.all((back - centers)[y == 0, 1] >= -1e-12)
    assert np.all((back - centers)[y == 1, 1] <= 1e-12)


def test_rotated_blobs_have_rotated_means():
    pair = load_pair("blobs->rotated-blobs", angle=90, n_samples=6000)
    for k, (a, b) in enumerate(toys.CENTERS):
        assert pair.target.x[pair.target.y == k].mean(axis=0) == pytest.approx([-b, a], abs=0.06)


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_covariate_shift_moves_the_points_and_keeps_the_rule(severity):
    pair = load_pair("wave->covariate-shift", severity=severity, n_samples=6000)
    for domain, middle in ((pair.source, -1), (pair.target, 2 * severity - 1)):
        assert domain.x.mean(axis=0) == pytest.approx([middle, 0], abs=0.05)
        assert domain.x.std(axis=0) == pytest.approx([0.8, 0.8], abs=0.05)
        assert np.array_equal(domain.y == 1, domain.x[:, 1] > np.sin(2 * domain.x[:, 0]))


@pytest.mark.parametrize(
    ("severity", "shares"), [(0.0, [200, 200, 200]), (1.0, [60, 120, 420]), (0.5, [130, 160, 310])]
)
def test_label_shift_moves_the_shares_and_nothing_else(severity, shares):
    pair = load_pair("blobs->label-shift", severity=severity, n_samples=600)
    assert np.bincount(pair.source.y).tolist() == [200, 200, 200]
    assert np.bincount(pair.target.y).tolist() == shares
    for k, center in enumerate(toys.CENTERS):
        assert pair.target.x[pair.target.y == k].mean(axis=0) == pytest.approx(center, abs=0.3)


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_conditional_shift_moves_the_classes_and_not_the_shares(severity):
    pair = load_pair("blobs->conditional-shift", severity=severity, n_samples=6000)
    assert np.bincount(pair.target.y).tolist() == [2000, 2000, 2000]
    for k, center in enumerate(toys.CENTERS + severity * toys.MOVES):
        assert pair.target.x[pair.target.y == k].mean(axis=0) == pytest.approx(center, abs=0.06)


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_subspace_shift_keeps_the_heights_and_mirrors_and_moves_the_rest(severity):
    pair = load_pair("bands->subspace-shift", severity=severity, n_samples=6000)
    for k, (side, height) in enumerate([(-1, -2), (0, 0), (1, 2)]):
        assert pair.source.x[pair.source.y == k].mean(axis=0) == pytest.approx(
            [side, height], abs=0.06
        )
        there = [(1 - 2 * severity) * side + 3 * severity, height]
        assert pair.target.x[pair.target.y == k].mean(axis=0) == pytest.approx(there, abs=0.06)
    assert np.bincount(pair.target.y).tolist() == [2000, 2000, 2000]


@pytest.mark.parametrize("name", TOYS)
def test_the_four_samples_are_disjoint_and_as_large_as_asked(name):
    parts = load_pair(name, n_samples=90).domains()
    target = parts[1].domain_id
    many = 1 if target is None else int(target.max()) + 1  # domains on a path
    assert [len(part) for part in parts] == [90, 90 * many, 90, 90]
    assert len(set().union(*map(rows, parts))) == 270 + 90 * many
