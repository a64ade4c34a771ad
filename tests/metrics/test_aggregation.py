"""IWA's coefficients against least squares, double loops and models of which the best sum is known."""

import numpy as np
import pytest
from test_judges import probabilities, softmax

from tltutor.domains import load_pair
from tltutor.domains.densities import density_ratio
from tltutor.metrics.judges import aggregated, aggregation_weights


def models(n=200, k=3, count=4, seed=0):
    """Answers of several models to the same examples, and the labels."""
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    sure = rng.uniform(0.2, 2, count)
    return [softmax(rng.normal(size=(n, k)) + s * np.eye(k)[y]) for s in sure], y


def test_on_one_domain_they_are_least_squares():
    """Where source and target are the same examples, c minimizes sum |y - sum c_i f_i|^2."""
    f, y = models()
    A = np.stack([p.ravel() for p in f], 1)
    wanted = np.linalg.lstsq(A, np.eye(3)[y].ravel())[0]
    np.testing.assert_allclose(aggregation_weights(f, y, f), wanted, atol=1e-9)


def test_weighted_they_are_the_normal_equations_by_loops():
    (f, y), (g, _) = models(40), models(30, seed=1)
    w = np.random.default_rng(2).gamma(2, size=40)
    F = [sum(w[i] * p[i, y[i]] for i in range(40)) / 40 for p in f]
    G = [[sum(float(a[i] @ b[i]) for i in range(30)) / 30 for b in g] for a in g]
    wanted = np.linalg.solve(np.array(G), np.array(F))
    np.testing.assert_allclose(aggregation_weights(f, y, g, w), wanted, rtol=1e-6)


def test_a_model_that_is_there_twice_counts_as_one():
    f, y = models(count=3)
    once = aggregation_weights(f, y, f)
    twice = aggregation_weights([*f, f[0]], y, [*f, f[0]])
    np.testing.assert_allclose(twice[[1, 2]], once[[1, 2]], atol=1e-8)
    assert twice[0] == pytest.approx(twice[3], abs=1e-8)
    assert twice[0] + twice[3] == pytest.approx(once[0], abs=1e-8)


def test_a_perfect_model_among_others_gets_all():
    f, y = models(count=3)
    f[1] = np.eye(3)[y]
    np.testing.assert_allclose(aggregation_weights(f, y, f), [0, 1, 0], atol=1e-9)


def test_with_exact_weights_the_sum_is_better_than_each_on_the_target():
    """Two models of which each knows one side of the wave, and weights that are known (Dinu et al., 2023)."""
    pair = load_pair("wave->covariate-shift", severity=0.5, n_samples=4000)

    def left(x):
        p = 1 / (1 + np.exp(-4 * (x[:, 1] - np.sin(2 * np.minimum(x[:, 0], 0)))))
        return np.column_stack([1 - p, p])

    def right(x):
        p = 1 / (1 + np.exp(-4 * (x[:, 1] - np.sin(2 * np.maximum(x[:, 0], 0)))))
        return np.column_stack([1 - p, p])

    w = density_ratio("wave->covariate-shift", pair.source.x, severity=0.5)
    ask = {d: [m(getattr(pair, d).x) for m in (left, right)] for d in ("source", "target")}
    c = aggregation_weights(ask["source"], pair.source.y, ask["target"], w)
    truth = np.eye(2)[pair.target.y]

    def error(scores):
        return np.square(scores - truth).sum(1).mean()

    together = error(aggregated(c, ask["target"]))
    assert together < min(map(error, ask["target"])) - 0.01
    best = np.linalg.lstsq(np.stack([p.ravel() for p in ask["target"]], 1), truth.ravel())[0]
    assert together < error(aggregated(best, ask["target"])) + 0.01


def test_what_does_not_fit_is_refused():
    f, y = models()
    p, _ = probabilities()
    with pytest.raises(ValueError, match="at least one model to the same examples, got none"):
        aggregation_weights([], y, f)
    with pytest.raises(ValueError, match="to the same examples, got .* and "):
        aggregation_weights([*f, p], y, f)
    with pytest.raises(ValueError, match="the same models and classes"):
        aggregation_weights(f, y, f[:2])
    with pytest.raises(ValueError, match="sum to 1"):
        aggregation_weights([2 * q for q in f], y, f)
    with pytest.raises(ValueError, match="not all 0, got 200 times 0"):
        aggregation_weights(f, y, f, np.zeros(200))
    with pytest.raises(ValueError, match="one number a model, got shape"):
        aggregated([1.0], f)
