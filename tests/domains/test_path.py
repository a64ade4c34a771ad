"""Paths of domains: what they join, in which order, what they refuse; and the pairs that are made of them."""

import numpy as np
import pytest

from tltutor.domains import Domain, DomainPath, load_pair, toys


def domain(name, level, *, n=6, labeled=True, d=2):
    return Domain(name, np.full((n, d), level, np.float32), np.arange(n) % 2 if labeled else None)


def test_a_path_is_a_pair_whose_target_is_numbered_along_it():
    path = DomainPath(domain("s", 0), [domain("a", 0.1), domain("b", 0.2, n=4)], domain("t", 0.2))
    pair = path.pair()
    assert len(path) == 2
    assert pair.name == "s->b"
    assert pair.target.domain_id.tolist() == [0] * 6 + [1] * 4
    assert pair.target.x[:, 0].tolist() == pytest.approx([0.1] * 6 + [0.2] * 4)
    assert pair.target_test.name == "t"
    assert path.pair("end").name == "s->end"
    assert path.direct().target.name == "b"
    assert path.direct().target.domain_id is None


def test_a_step_without_labels_leaves_the_target_without_and_numbered():
    steps = [domain("a", 0.1), domain("b", 0.2, labeled=False)]
    target = DomainPath(domain("s", 0), steps).pair().target
    assert target.y is None
    assert target.domain_id.tolist() == [0] * 6 + [1] * 6


def test_a_step_that_was_joined_is_one_step():
    step = Domain.joined(domain("a", 0.1), domain("b", 0.2))
    target = DomainPath(domain("s", 0), [step, domain("c", 0.3)]).pair().target
    assert target.domain_id.tolist() == [0] * 12 + [1] * 6


def test_what_is_no_path_is_refused():
    with pytest.raises(ValueError, match="at least one domain after the source, got none"):
        DomainPath(domain("s", 0), [])
    with pytest.raises(TypeError, match="must be a Domain, got a ndarray: write Domain"):
        DomainPath(domain("s", 0), [np.zeros((3, 2))])
    with pytest.raises(ValueError, match=r"one shape, got \(2,\) in 's' and \(3,\) in 'a'"):
        DomainPath(domain("s", 0), [domain("a", 0, d=3)])


def test_the_moons_turn_by_equal_steps():
    pair = load_pair("moons->turning-moons", angle=90, domains=3, noise=0, n_samples=100)
    assert pair.target.domain_id.tolist() == np.repeat([0, 1, 2], 100).tolist()
    for k, turned in enumerate((30, 60, 90)):
        rows = pair.target.domain_id == k
        back = toys.rotate_points(pair.target.x[rows], -turned)
        upper = back[pair.target.y[rows] == 0] - [-0.5, -0.25]
        assert np.linalg.norm(upper, axis=1) == pytest.approx(np.ones(50), abs=1e-5)
        assert (upper[:, 1] > -1e-5).all()


def test_the_same_digits_turn_along_the_path_and_are_in_no_other_part():
    pair = load_pair("digits->turning-digits", angle=40, domains=4, size=16)
    turned = load_pair("digits->shifted-digits", rotation=20, size=16)
    assert np.bincount(pair.target.domain_id).tolist() == [600] * 4
    assert np.array_equal(pair.target.x[pair.target.domain_id == 1], turned.target.x)
    assert np.array_equal(pair.source.x, turned.source.x)
    last = load_pair("digits->shifted-digits", rotation=40, size=16).target_test
    assert np.array_equal(pair.target_test.x, last.x)
