"""The tiny detector: its map, its head, what it is refused for, and a session that trains it."""

import numpy as np
import pytest
import torch

import tltutor as tl
from tltutor.events import Stepped


@pytest.fixture(scope="module")
def pair():
    return tl.load_pair("clear->foggy", seed=0)


@pytest.fixture(scope="module")
def small(pair):
    """A few of the pair's images."""
    few = np.arange(40)
    return tl.DomainPair(
        pair.source.take(few),
        pair.target.take(few),
        source_test=pair.source_test.take(few),
        target_test=pair.target_test.take(few),
        name="clear->foggy",
    )


def session(pair, objective="dann", **options):
    network = tl.build_network("tiny-detector", pair, seed=0, width=8)
    options = {"steps": 3, "batch_size": 8, "device": "cpu", "snapshot_size": 20} | options
    return tl.Session(pair, network, tl.build_objective(objective), **options)


def test_it_makes_a_map_of_cells_and_says_something_at_each(pair):
    network = tl.build_network("tiny-detector", pair, width=16).eval()
    f, z = network(torch.from_numpy(pair.source.x[:2].copy()))
    assert list(network.stages) == ["conv1", "conv2", "conv3", "conv4"]
    assert f.shape == (2, network.feature_width) == (2, 16 * 8 * 8)
    assert z.shape == (2, 4 + 5, 8, 8)
    assert network.with_head(["a"]).eval()(torch.zeros(1, 3, 64, 64))[1].shape == (1, 6, 8, 8)


def test_it_comes_back_from_a_file(pair, tmp_path):
    network = tl.build_network("tiny-detector", pair, width=16).eval()
    network.save(tmp_path / "net.pt")
    again = tl.networks.load_network(tmp_path / "net.pt").eval()
    x = torch.from_numpy(pair.source.x[:2].copy())
    assert torch.equal(again(x)[1], network(x)[1])
    assert again.task.name == "detection"


def test_networks_and_methods_for_classes_are_refused_with_a_remedy(pair):
    with pytest.raises(
        ValueError, match=r"'lenet' for boxes: use tl.build_network\('tiny-detector', pair\)"
    ):
        tl.Session(pair, tl.build_network("lenet", pair), tl.build_objective("dann"))
    digits = tl.load_pair("printed->digits", size=32)
    with pytest.raises(
        ValueError, match=r"'tiny-detector' for one class an example: use tl.build_network\('lenet'"
    ):
        tl.Session(digits, tl.build_network("tiny-detector", digits), tl.build_objective("dann"))
    with pytest.raises(
        ValueError, match=r"'mcc', which is made for one class an example: use one of .*'dann'"
    ):
        session(pair, "mcc")
    tiny = tl.Domain("a", np.zeros((2, 3, 20, 20)), [{"boxes": [[0, 0, 9, 9]], "labels": [0]}] * 2)
    with pytest.raises(ValueError, match=r"at least 32 pixels high and wide, got 20 x 20"):
        tl.build_network("tiny-detector", tl.DomainPair(tiny, tiny))


def test_every_method_that_takes_boxes_trains_on_them(small):
    able = [name for name, cls in tl.objectives.OBJECTIVES.items() if cls.takes_boxes]
    assert {"source-only", "fine-tune", "dann", "two-level-dann", "mmd"} <= set(able)
    for name in able:
        made = session(small, name)
        before = {k: v.clone() for k, v in made.network.state_dict().items()}
        losses = [fact.losses for fact in made if isinstance(fact, Stepped)]
        assert all(np.isfinite(list(terms.values())).all() for terms in losses), name
        moved = [k for k, v in made.network.state_dict().items() if not torch.equal(v, before[k])]
        assert moved, name
        assert set(made.evaluate()) == {"source_AP", "target_AP"}


def test_boxes_of_the_target_reach_no_step(small):
    """Other labels on the target, and every weight stays the same."""
    y = small.target.y.copy()
    y[..., 4] = np.where(y[..., 4] >= 0, (y[..., 4] + 1) % 4, -1)
    y[..., :4] = y[::-1, :, :4]
    y[..., 4] = np.where((y[..., 2] > y[..., 0]), np.abs(y[..., 4]), -1)
    other = tl.Domain("foggy", small.target.x, y, small.class_names)
    changed = tl.DomainPair(small.source, other, name=small.name)
    runs = [
        session(p, "dann")
        for p in (tl.DomainPair(small.source, small.target, name=small.name), changed)
    ]
    for run in runs:
        list(run)
    for a, b in zip(*(run.network.parameters() for run in runs), strict=True):
        assert torch.equal(a, b)


def test_a_look_shows_regions_each_with_the_class_of_its_box(small):
    made = session(small, "dann")
    points, snapshot = made.snapshot_points, made.snapshot(flow=True)
    assert snapshot.features.shape == (len(points.labels), 8)
    assert {"source_accuracy", "target_accuracy"} <= set(snapshot.numbers)
    assert set(snapshot.predictions) <= {0, 1, 2, 3}
    assert snapshot.flow.opinions.shape == points.labels.shape
    for i in (0, len(points.labels) - 1):
        domain = (small.source_test, small.target_test)[int(points.is_target[i])]
        boxes = domain.y[points.index[i]]
        assert [*points.boxes[i], points.labels[i]] in boxes.tolist()
    x1, y1, x2, y2 = points.boxes[0].round().astype(int)
    shown = points.shown[0]
    assert (shown[:, y1, x1:x2] == np.array([[255], [64], [160]])).all()
    inside = (slice(None), slice(y1 + 1, min(y2, 63)), slice(x1 + 1, min(x2, 63)))
    assert np.array_equal(shown[inside], points.x[0][inside]), "the frame covers nothing else"
    assert np.array_equal(made.snapshot().features, snapshot.features)


def test_a_look_has_the_average_precision_in_the_maps_images(small):
    made = session(small, "dann", steps=30, lr=0.05)
    list(made)
    points, task, numbers = made.snapshot_points, made.network.task, made.snapshot().numbers
    for side, domain in (("source", small.source_test), ("target", small.target_test)):
        rows = sorted(set(points.index[points.is_target == (side == "target")].tolist()))
        assert 5 < len(rows) < len(domain)
        found = task.predict(made.outputs(domain.x[rows], side)[1])
        assert numbers[f"{side}_AP"] == pytest.approx(task.score(found, domain.y[rows]), abs=1e-6)


def test_what_speaks_for_a_region_speaks_for_the_class_at_its_box(small):
    made = session(small, "dann")
    predictions = made.snapshot().predictions
    for row in (0, len(predictions) - 1):
        found = made.class_map(row)
        assert found.label == predictions[row]
        assert found.map.shape == (8, 8)


def test_an_unlabeled_target_shows_whole_images(small):
    made = session(tl.DomainPair(small.source, small.target.without_labels()))
    points = made.snapshot_points
    assert (points.labels[points.is_target] == -1).all()
    assert points.boxes[points.is_target].tolist()[0] == [0, 0, 64, 64]
    assert "target_accuracy" not in made.snapshot().numbers
    assert set(made.evaluate()) == {"source_AP"}
