"""Looking at a network: decision regions are the network's own predictions, cell by cell, and looking moves nothing."""

import numpy as np
import torch

import tltutor as tl
from tltutor.domains.hashing import hashed_words
from tltutor.networks.inference import outputs
from tltutor.training.regions import GRID, decision_regions
from tltutor.training.snapshot import choose_points


def network():
    return tl.build_network("mlp", tl.load_pair("moons->rotated-moons", seed=0), seed=0)


def predictor(net):
    return lambda x: net.task.predict(outputs(net, x, "target")[1])


def test_regions_are_the_predictions_at_the_middle_of_each_cell():
    net, x = network(), np.float32([[-2, -1], [4, 3], [0, 0]])
    regions = decision_regions(predictor(net), x)
    left, bottom, right, top = regions.box
    np.testing.assert_allclose(
        regions.box, (-2.48, -1.32, 4.48, 3.32), rtol=1e-6
    )  # 8 % of 6 and of 4 around
    net.eval()
    for row, column in [(0, 0), (GRID - 1, 3), (20, 31)]:
        at = (
            left + (column + 0.5) * (right - left) / GRID,
            bottom + (row + 0.5) * (top - bottom) / GRID,
        )
        wanted = int(net.on("target")(torch.tensor([at]))[1].argmax())
        assert regions.grid[row, column] == wanted


def test_a_straight_border_is_painted_where_it_is():
    class Line(torch.nn.Module):
        def forward(self, x):
            return x, torch.stack([x[:, 1] - 1, torch.zeros(len(x))], 1)  # class 0 above y = 1

    net = network()
    net.forward = Line().forward
    regions = decision_regions(predictor(net), np.float32([[0, 0], [2, 2]]))
    assert (regions.grid[: GRID // 2] == 1).all()
    assert (regions.grid[GRID // 2 :] == 0).all()


def test_points_on_a_line_have_regions_too():
    regions = decision_regions(predictor(network()), np.float32([[1, 1], [1, 2]]))
    assert regions.grid.shape == (GRID, GRID)
    assert regions.box[0] < 1 < regions.box[2]


def test_only_2d_inputs_have_regions():
    pair = tl.load_pair("blobs->rotated-blobs", seed=0)
    session = tl.Session(
        pair, tl.build_network("mlp", pair, seed=0), tl.objectives.SourceOnly(), steps=3
    )
    looked = session.snapshot()
    assert looked.regions is not None
    assert not looked.regions.grid.flags.writeable
    wide = tl.DomainPair(
        tl.Domain("s", np.zeros((8, 3), np.float32), np.arange(8) % 2),
        tl.Domain("t", np.ones((8, 3), np.float32)),
    )
    session = tl.Session(
        wide, tl.build_network("mlp", wide, seed=0), tl.objectives.SourceOnly(), steps=3
    )
    assert session.snapshot().regions is None


def test_points_on_the_map_keep_their_texts():
    texts = [f"text {k}" for k in range(20)]
    s, t = (
        tl.Domain.from_texts(name, [f"{name} {text}" for text in texts], np.arange(20) % 2, bits=6)
        for name in ("a", "b")
    )
    points = choose_points(tl.DomainPair(s, t), 10, seed=0)
    assert len(points.texts) == 10
    for text, x, is_target in zip(points.texts, points.x, points.is_target, strict=True):
        assert text.startswith("b" if is_target else "a")
        np.testing.assert_allclose(hashed_words([text], bits=6)[0], x)
    assert points.shown.tolist() == list(points.texts)
    plain = choose_points(tl.DomainPair(s, tl.Domain("b", t.x, t.y)), 10, seed=0)
    assert plain.texts == ()
    assert plain.shown is plain.x
