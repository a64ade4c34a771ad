"""Importance weighting against closed forms, a loop and a peer; and its weights on the way from the objective to the map."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import tltutor as tl
from tltutor.domains.densities import density_ratio
from tltutor.events import Embedded
from tltutor.objectives.importance import log_odds, weighted_loss
from tltutor.recording import Recording
from tltutor.recording.values import measured_values

WAVE = "wave->covariate-shift"


def session(
    weight: float = 1.0, objective: str = "importance-weighting", **options: object
) -> tl.Session:
    pair = tl.load_pair(WAVE, seed=0, n_samples=300)
    network = tl.build_network("linear", pair, seed=0)
    chosen = tl.objectives.build_objective(objective)
    return tl.Session(pair, network, chosen, weight=weight, seed=0, **options)


def test_the_weighted_loss_equals_a_loop() -> None:
    rng = np.random.default_rng(0)
    z, y, w = rng.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0]), rng.uniform(size=5)
    by_loop = sum(w[i] * (math.log(sum(math.exp(v) for v in z[i])) - z[i, y[i]]) for i in range(5))
    found = weighted_loss(torch.tensor(z), torch.tensor(y), torch.tensor(w))
    assert float(found) == pytest.approx(by_loop / 5)


@pytest.mark.parametrize(
    ("w", "error"),
    [
        (torch.ones(4), r"got 4 rows of weights and 3 rows of z"),
        (torch.ones(3, 1), r"weights must be a tensor \(n,\) of floats, got Tensor \(3, 1\)"),
        ([1.0, 1.0, 1.0], r"weights must be a tensor \(n,\) of floats, got list"),
    ],
)
def test_weights_are_one_a_row(w: object, error: str) -> None:
    z, y = torch.zeros(3, 2), torch.zeros(3, dtype=torch.int64)
    with pytest.raises((ValueError, TypeError), match=error):
        weighted_loss(z, y, w)  # type: ignore[arg-type]


def test_the_probes_odds_of_two_gaussians_are_their_density_ratio() -> None:
    """Same covariance S: log p_t / p_s = (mu_t - mu_s)' S^-1 x + const, whatever the sizes of the samples."""
    rng = np.random.default_rng(1)
    S, ms, mt = np.array([[1.0, 0.4], [0.4, 2.0]]), np.array([0.0, 1.0]), np.array([1.0, 0.5])
    xs, xt = rng.multivariate_normal(ms, S, 40_000), rng.multivariate_normal(mt, S, 10_000)
    slope, intercept = log_odds(xs, xt)
    truth = np.linalg.solve(S, mt - ms)
    np.testing.assert_allclose(slope, truth, atol=0.06)
    assert intercept == pytest.approx(-truth @ (ms + mt) / 2, abs=0.06)


@pytest.mark.filterwarnings("ignore:probe_odds leaves an effective sample size")
def test_they_are_those_of_the_classical_estimator_and_near_the_exact_ones() -> None:
    run = session()
    source, target = run.pair.source.x, run.pair.target.x
    peer = tl.classical.ProbeOdds().fit(source, target=target)
    w = weights(run)
    np.testing.assert_allclose(w, peer.weights_, rtol=1e-3)
    exact = density_ratio(WAVE, source, n_samples=300)
    assert np.corrcoef(np.log(w), np.log(exact))[0, 1] > 0.98
    numbers = run.snapshot().numbers
    assert numbers["effective_sample_size"] == pytest.approx(peer.effective_sample_size_, rel=1e-3)


def weights(run: tl.Session, weight: float = 1.0) -> np.ndarray:
    found = run.objective.source_weights(torch.tensor(run.pair.source.x), weight)
    assert isinstance(found, Tensor)
    return found.double().numpy()


def test_lambda_is_the_exponent_and_the_mean_stays_1() -> None:
    run = session()
    log_ratio = run.objective.log_ratio(torch.tensor(run.pair.source.x)).double().numpy()
    for weight in (0.0, 0.3, 1.0):
        w = weights(run, weight)
        assert w.mean() == pytest.approx(1, rel=1e-4)
        np.testing.assert_allclose(np.log(w[0] / w), weight * (log_ratio[0] - log_ratio), atol=1e-4)
    np.testing.assert_allclose(weights(run, 0.0), 1, rtol=1e-6)


def test_lambda_0_trains_as_source_only_does_and_1_does_not() -> None:
    def trained(**options: object) -> Tensor:
        run = session(steps=5, batch_size=300, lr=0.1, **options)  # type: ignore[arg-type]
        for _ in run:
            pass
        return run.network.head.weight.detach()

    plain = trained(objective="source-only")
    torch.testing.assert_close(trained(weight=0.0), plain, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(trained(weight=1.0), plain, atol=0.01)


def test_a_far_target_leaves_finite_weights() -> None:
    rng = np.random.default_rng(0)
    near = tl.Domain("near", rng.normal(size=(50, 2)).astype("float32"), np.arange(50) % 2)
    far = tl.Domain("far", near.x + 30)
    pair = tl.DomainPair(near, far)
    run = tl.Session(
        pair, tl.build_network("linear", pair), tl.objectives.ImportanceWeighting(), steps=2
    )
    for _ in run:
        pass
    assert np.isfinite(run.snapshot().weights[:50]).all()  # type: ignore[index]


def test_a_look_has_the_weights_of_source_points_at_the_lambda_of_now() -> None:
    run = session(weight=1.0)
    full = run.snapshot()
    assert full.weights is not None
    assert np.isnan(full.weights[full.is_target]).all()
    x = torch.tensor(run.snapshot_points.x[~full.is_target])
    expected = run.objective.source_weights(x, 1.0)
    np.testing.assert_allclose(full.weights[~full.is_target], expected, rtol=1e-6)
    half = session(weight=0.5).snapshot()
    assert full.numbers["effective_sample_size"] < half.numbers["effective_sample_size"] < 300
    plain = session(objective="source-only").snapshot()
    assert plain.weights is None
    assert "effective_sample_size" not in plain.numbers


def test_a_recording_keeps_them_for_each_frame_and_only_there() -> None:
    look = session().snapshot()
    recording = Recording()
    recording.append(look)
    recording.append(Embedded(0, np.zeros((len(look.labels), 2)), "inputs"))
    assert "weight" in measured_values(recording.frames[0])
    np.testing.assert_array_equal(recording.frames[0].weights, look.weights)
    assert recording.facts[0].weights is None  # type: ignore[union-attr]
