"""What is true of each point, against double loops and scikit-learn: neighbors, trust, confidence, loss; domains stage by stage."""

import math

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness
from sklearn.metrics import log_loss
from sklearn.neighbors import NearestCentroid, NearestNeighbors

from tltutor.metrics import (
    channel_means,
    distances_from,
    domain_probe_accuracy,
    domain_separation,
    faint_points,
    nearest_mean,
    nearest_source,
    point_confidence,
    point_losses,
    point_trust,
)
from tltutor.metrics.separation import WIDEST, narrowed


def cloud(n=60, d=5, seed=0):
    """Features of both domains in mixed order, and which rows are the target's."""
    rng = np.random.default_rng(seed)
    is_target = rng.random(n) < 0.4
    return (rng.normal(size=(n, d)) + is_target[:, None]).astype(np.float32), is_target


# --- neighbors


def test_the_nearest_source_points_are_those_of_a_double_loop():
    x, is_target = cloud()
    rows, distances = nearest_source(x, is_target)
    assert rows.shape == distances.shape == (60, 5)
    for i in range(60):
        others = [
            (math.dist(x[i].tolist(), x[j].tolist()), j)
            for j in range(60)
            if j != i and not is_target[j]
        ]
        wanted = sorted(others)[:5]
        assert rows[i].tolist() == [j for _, j in wanted]
        np.testing.assert_allclose(distances[i], [d for d, _ in wanted], rtol=1e-5)


def test_far_from_zero_they_are_scikit_learns():
    x, is_target = cloud(d=3)
    x = x.astype(np.float64) + 1e6
    source = np.flatnonzero(~is_target)
    peer = NearestNeighbors(n_neighbors=3).fit(x[source])
    far, near = peer.kneighbors(x[is_target])
    rows, distances = nearest_source(x, is_target, k=3)
    np.testing.assert_array_equal(rows[is_target], source[near])
    np.testing.assert_allclose(distances[is_target], far, atol=1e-4)


def test_one_point_alone_can_be_asked_for():
    x, is_target = cloud()
    rows, distances = nearest_source(x, is_target, k=4)
    one, far = nearest_source(torch.tensor(x), is_target, k=4, rows=[17])
    np.testing.assert_array_equal(one, rows[[17]])
    np.testing.assert_allclose(far, distances[[17]], rtol=1e-5)


def test_a_twin_is_a_neighbor_at_distance_zero_but_a_point_itself_is_not():
    x = np.array([[0.0], [0.0], [3.0], [0.0]])
    rows, distances = nearest_source(x, [False, False, False, True], k=2)
    assert rows[0].tolist() == [1, 2]
    assert sorted(rows[3].tolist()) == [0, 1]
    np.testing.assert_allclose(distances[[0, 3]], [[0, 3], [0, 0]], atol=1e-6)


def test_with_few_source_points_all_others_are_given():
    rows, _ = nearest_source(np.arange(5.0)[:, None], [False] * 3 + [True] * 2, k=5)
    assert rows.shape == (5, 2)


def test_neighbors_say_what_is_wrong():
    x, is_target = cloud()
    with pytest.raises(ValueError, match="k must be at least 1 .* got k 0"):
        nearest_source(x, is_target, k=0)
    with pytest.raises(ValueError, match="got k 5 and 1 points: the usual number is 5; draw more"):
        nearest_source(x, np.arange(60) > 0)


def test_distances_from_a_point_are_euclidean():
    x, _ = cloud()
    by_hand = [math.dist(row.tolist(), x[7].tolist()) for row in x]
    np.testing.assert_allclose(distances_from(x, 7), by_hand, rtol=1e-5)
    assert distances_from(x.astype(np.float64) + 1e6, 7)[7] == 0


def test_the_nearest_mean_is_scikit_learns_nearest_centroid():
    x, _ = cloud()
    y = np.arange(60) % 3 * 2  # classes 0, 2 and 4
    x[y == 2] += 0.7
    new = np.random.default_rng(3).normal(size=(40, 5))
    np.testing.assert_array_equal(nearest_mean(x, y, new), NearestCentroid().fit(x, y).predict(new))
    unlabeled = np.where(np.arange(60) < 30, y, -1)
    wanted = NearestCentroid().fit(x[:30], y[:30]).predict(new)
    np.testing.assert_array_equal(nearest_mean(x, unlabeled, new), wanted)
    with pytest.raises(ValueError, match="needs labeled rows, got none among 60"):
        nearest_mean(x, np.full(60, -1), new)


# --- trust


def trust_by_loops(x, xy, k):
    n, found = len(x), []

    def order(points, i):
        others = sorted((math.dist(points[i], points[j]), j) for j in range(n) if j != i)
        return [j for _, j in others]

    for i in range(n):
        in_space, on_map = order(x.tolist(), i), order(xy.tolist(), i)
        false = set(on_map[:k]) - set(in_space[:k])
        excess = sum(in_space.index(j) + 1 - k for j in false)
        found.append(1 - 2 / (k * (2 * n - 3 * k - 1)) * excess)
    return found


@pytest.mark.parametrize("k", [1, 7])
def test_trust_is_venna_and_kaskis_point_by_point_and_its_mean_scikit_learns(k):
    x, _ = cloud()
    rng = np.random.default_rng(1)
    for xy in (x[:, :2], x[:, :2] + rng.normal(size=(60, 2)), rng.normal(size=(60, 2))):
        found = point_trust(x, xy, k)
        np.testing.assert_allclose(found, trust_by_loops(x, xy, k), atol=1e-6)
        assert found.mean() == pytest.approx(trustworthiness(x, xy, n_neighbors=k), abs=1e-6)


def test_trust_is_one_on_a_true_map_and_zero_among_the_farthest():
    x = np.arange(40.0)[:, None] ** 1.01
    np.testing.assert_array_equal(point_trust(x, np.hstack([x, 0 * x]), 3), 1)
    x[0] = -100  # the farthest from all that are near it on the map
    xy = np.hstack([np.r_[[[40.0]], x[1:]], 0 * x])
    trust = point_trust(x, xy, 3)
    assert trust[0] == pytest.approx(0)
    assert trust[1:].min() > 0.5


def test_more_points_than_one_chunk_give_the_same():
    rng = np.random.default_rng(2)
    x, xy = rng.normal(size=(1100, 4)), rng.normal(size=(1100, 2))
    found = point_trust(x, xy)
    assert found.mean() == pytest.approx(trustworthiness(x, xy, n_neighbors=10), abs=1e-6)
    assert found.mean() == pytest.approx(0.5, abs=0.03)  # a random place


def test_points_below_the_bar_are_faint():
    faint, share = faint_points(np.array([0.89, 0.9, 1.0, 0.2]))
    assert faint.tolist() == [True, False, False, True]
    assert share == 0.5
    assert faint_points(np.array([0.5, 0.7]), bar=0.6)[1] == 0.5


def test_trust_says_what_is_wrong():
    x, _ = cloud()
    with pytest.raises(ValueError, match="one row per point, got 59 for 60"):
        point_trust(x, x[:59, :2])
    for k in (0, 30):
        with pytest.raises(ValueError, match=f"below half of the 60 points, got {k}: draw more"):
            point_trust(x, x[:, :2], k)


# --- answers


def test_confidence_and_loss_are_those_of_the_softmax():
    z = np.random.default_rng(0).normal(0, 3, (30, 4))
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    y = np.arange(30) % 4
    np.testing.assert_allclose(point_confidence(z), p.max(1), rtol=1e-5)
    losses = point_losses(torch.tensor(z), y)
    np.testing.assert_allclose(losses, [-math.log(p[i, y[i]]) for i in range(30)], rtol=1e-5)
    assert losses.mean() == pytest.approx(log_loss(y, p), rel=1e-5)


def test_a_point_without_a_label_has_no_loss():
    z = np.array([[0.0, 0.0], [0.0, 200.0], [0.0, 1.0]])
    losses = point_losses(z, [0, 0, -1])
    np.testing.assert_allclose(losses, [math.log(2), 200, math.nan])
    assert np.isnan(point_losses(z, [-1, -1, -1])).all()
    with pytest.raises(ValueError, match="below the 2 classes of the logits, got 2"):
        point_losses(z, [0, 1, 2])


# --- where the domains separate


def stages(n=120, seed=0):
    """Outputs in which the domains are alike, half apart and apart, and which rows are the target's."""
    rng = np.random.default_rng(seed)
    is_target = np.arange(n) >= n // 2
    return {
        name: torch.from_numpy(rng.normal(size=(n, d)) + shift * is_target[:, None]).float()
        for name, d, shift in (("a", 4, 0.0), ("b", 6, 0.5), ("c", 3, 3.0))
    }, is_target


def test_separation_rises_where_the_domains_part_and_ends_at_the_probes_own_number():
    outputs, is_target = stages()
    found = domain_separation(outputs, is_target, seed=3)
    assert list(found) == ["a", "b", "c"]
    assert found["a"] < 0.65 < found["b"] < 0.9 < found["c"]
    assert found["c"] == domain_probe_accuracy(outputs["c"], is_target, seed=3)


def test_stages_are_probed_with_the_folds_of_the_last():
    outputs, is_target = stages()
    one = domain_separation({"c": outputs["c"]}, is_target)["c"]
    both = domain_separation({"b": outputs["c"], "c": outputs["c"]}, is_target)
    assert both == {"b": one, "c": one}
    assert domain_separation({"b": outputs["b"], "c": outputs["c"]}, is_target)["c"] == one


def test_maps_are_probed_by_the_mean_of_each_channel():
    h = torch.randn(7, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    by_loops = [
        [float(sum(h[i, c, a, b] for a in range(4) for b in range(5))) / 20 for c in range(3)]
        for i in range(7)
    ]
    torch.testing.assert_close(channel_means(h), torch.tensor(by_loops))
    assert torch.equal(channel_means(h[:, :, 0, 0]), h[:, :, 0, 0])
    tokens = h.flatten(2).transpose(1, 2)
    torch.testing.assert_close(channel_means(tokens), torch.tensor(by_loops))


def test_wide_outputs_are_projected_the_same_way_each_time_and_keep_their_distances():
    x = torch.randn(50, 4 * WIDEST, generator=torch.Generator().manual_seed(1))
    narrow = narrowed(x)
    assert narrow.shape == (50, WIDEST)
    assert torch.equal(narrow, narrowed(x))
    ratio = torch.pdist(narrow).square() / torch.pdist(x).square()
    assert float(ratio.mean()) == pytest.approx(1, abs=0.05)
    assert torch.equal(narrowed(x[:, :WIDEST]), x[:, :WIDEST])


def test_a_stage_that_is_not_finite_has_no_number():
    outputs, is_target = stages()
    wanted = domain_separation(outputs, is_target)
    outputs["a"][0] = torch.inf
    found = domain_separation(outputs, is_target)
    assert math.isnan(found.pop("a"))
    assert found == {name: wanted[name] for name in ("b", "c")}
    assert all(math.isnan(v) for v in domain_separation({"a": outputs["a"]}, is_target).values())
