"""The steps' benchmark: the three sides do the same work, turns are fair, one distance matrix serves all widths."""

import json
import math
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

import tltutor as tl
from benchmarks import peers, report, steps
from tltutor.objectives import build_objective, dan, kernels, mmd
from tltutor.objectives.coral import coral_distance


def features(seed=0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(12, 100, generator=rng), 0.5 + torch.randn(12, 100, generator=rng)


def pair(n=160):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (2 * n, 3, 28, 28), dtype=np.uint8)
    return tl.DomainPair(tl.Domain("s", x[:n], np.arange(n) % 10), tl.Domain("t", x[n:]))


def make_batch(fs, ft, weight):
    from tltutor.objectives import Batch

    batch = {"zs": fs[:, :3], "zt": ft[:, :3], "weight": weight, "progress": 0.3, "network": None}
    return Batch(xs=fs, ys=torch.zeros(len(fs), dtype=torch.int64), xt=ft, fs=fs, ft=ft, **batch)


@pytest.mark.parametrize("method", ["mmd", "coral"])
def test_the_penalty_by_hand_is_ours(method):
    fs, ft = features()
    wanted = build_objective(method)(make_batch(fs, ft, peers.METHODS[method]))[method]
    torch.testing.assert_close(peers.PENALTIES[method]()(fs, ft, 0.3), wanted, rtol=1e-4, atol=1e-6)


def test_the_critic_by_hand_is_ours_and_so_is_its_reversal():
    fs, ft = (f.requires_grad_() for f in features())
    dann = build_objective("dann")
    dann.setup(type("Wide", (), {"feature_width": 100})(), None, torch.Generator().manual_seed(0))
    discriminator = peers.Discriminator()
    discriminator.layers.load_state_dict(dann.discriminator.state_dict())
    ours = dann(make_batch(fs, ft, dann.schedule(0.3)))["domain"]
    by_hand = discriminator(fs, ft, 0.3)
    torch.testing.assert_close(by_hand, ours)
    torch.testing.assert_close(*(torch.autograd.grad(loss, fs)[0] for loss in (by_hand, ours)))


@pytest.mark.parametrize("jointly", [True, False])
@pytest.mark.parametrize("method", peers.METHODS)
def test_the_loop_by_hand_trains(method, jointly):
    losses = list(
        islice(peers.hand_steps(pair(), peers.PENALTIES[method](), jointly=jointly, total=4), 4)
    )
    assert len(losses) == 4
    assert all(map(math.isfinite, losses))


@pytest.mark.parametrize("method", peers.METHODS)
def test_skada_trains_the_same_network_on_as_many_examples(method, skada):
    assert skada.__version__
    net = peers.skada_net(method, pair())
    ours = tl.build_network("lenet", pair(), seed=0)
    count = sum(p.numel() for p in net.initialize().module_.base_module_.parameters())
    assert count == sum(p.numel() for p in ours.parameters())
    found = peers.skada_step(method, pair(), channels_last=True)()
    assert math.isfinite(found["train_loss"])
    assert found["train_batch_size"] == 2 * peers.BATCH


def test_skadas_coral_is_ours_as_well(skada):
    assert skada.__version__
    from skada.deep.losses import deepcoral_loss

    fs, ft = features()
    torch.testing.assert_close(deepcoral_loss(fs, ft), coral_distance(fs, ft))


def test_our_side_is_the_method_that_is_named():
    session = peers.ours("mmd", pair(), "joint").__self__
    assert (session.objective.name, session.batchnorm, session.batch_size) == ("mmd", "joint", 64)


def test_turns_let_another_side_begin_each_time():
    order = []
    sides = {name: lambda name=name: order.append(name) for name in "abc"}
    found = steps.turns(sides, count=3, warm=1)
    assert "".join(order) == "abc" + "abc" + "bca" + "cab"
    assert [len(times) for times in found.values()] == [3, 3, 3]


def test_speed_is_the_ratio_of_what_was_least_disturbed():
    ours, other = [2.0, 2.0, 2.0, 2.0, 50.0], [3.0, 3.0, 3.0, 90.0, 9.0]
    assert steps.speed_over(ours, other) == 1.5
    assert steps.undisturbed([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == 2.0


def test_what_is_missed_is_named():
    fast = {"skada": 1.0, steps.LAID_OUT: 0.5, "by hand": 0.95, "by hand, joint": 0.96}
    result = {
        "steps": {"mmd": {"speed_over": fast}},
        "fits": {"kmm": {"seconds": 9.9, "bound": 10.0}},
    }
    assert steps.missed(result) == []
    result["steps"]["mmd"]["speed_over"] = fast | {"by hand": 0.94}
    result["fits"]["kmm"]["seconds"] = 10.1
    assert steps.missed(result) == [
        "mmd over by hand: 0.94, wanted 0.95",
        "kmm: 10.1 s, wanted 10.0",
    ]


def test_the_committed_table_is_whole():
    result = json.loads((report.DOCS / "steps.json").read_text("utf-8"))
    assert set(result["steps"]) == set(peers.METHODS)
    assert set(result["fits"]) == set(steps.SLOW)
    assert (report.DOCS / "steps.md").read_text("utf-8") == steps.as_text(result).rstrip() + "\n"


@pytest.mark.parametrize(
    ("name", "settings", "matrices"),
    [("mmd", {}, 1), ("dan", {"layers": 1, "kernels": 9}, 1), ("dan", {"layers": 2}, 2)],
)
def test_kernels_of_several_widths_share_one_distance_matrix(name, settings, matrices, monkeypatch):
    calls = []

    def counted(x):
        calls.append(len(x))
        return true(x)

    true = kernels.squared_distances
    for room in (kernels, mmd, dan):
        if hasattr(room, "squared_distances"):
            monkeypatch.setattr(room, "squared_distances", counted)
    fs, ft = features()
    batch = replace(make_batch(fs, ft, 1.0), hs={"fc2": fs}, ht={"fc2": ft})
    assert build_objective(name, **settings)(batch)["mmd"].isfinite()
    assert calls == [24] * matrices


def test_mmd2_of_many_widths_takes_one_distance_matrix(monkeypatch):
    calls = []
    true = kernels.squared_distances
    monkeypatch.setattr(mmd, "squared_distances", lambda x: calls.append(1) or true(x))
    mmd.mmd2(*features(), [1.0, 2.0, 4.0, 8.0])
    assert calls == [1]
