"""A model that goes on: rates stage by stage, stages that thaw, DELTA and BSS, each against its definition."""

import copy

import numpy as np
import pytest
import torch
from test_objectives import normal
from test_session import build, image_pair, same, weights
from torch.nn import functional as F

import tltutor as tl
from tltutor.events import Changed, Stepped
from tltutor.objectives import build_objective, delta
from tltutor.objectives.bss import spectral_shrinkage
from tltutor.objectives.channels import (
    channel_weights,
    linear_probe,
    losses_without,
    useful_channels,
)
from tltutor.objectives.delta import behavior
from tltutor.objectives.rates import frozen_stages, stage_rates


def tune(name="fine-tune", *, network=None, weight=None, **settings):
    options = {
        key: settings.pop(key)
        for key in ("steps", "pair", "freeze_depth", "seed", "lr")
        if key in settings
    }
    return build(build_objective(name, **settings), network=network, weight=weight, **options)


# --- rates and thawing


def test_rates_fall_from_stage_to_stage_and_the_head_has_its_own():
    rates = stage_rates(["a", "b", "c"], 1 / 2.6, 10)
    assert rates == pytest.approx({"a": 1 / 2.6**2, "b": 1 / 2.6, "c": 1.0, "head": 10})


def test_fine_tuning_moves_each_stage_by_its_rate():
    slow, plain = tune(stage_rate=0.5, head_rate=3), tune()
    start = weights(slow)
    slow.step(), plain.step()
    wanted = {
        "stages.conv1": 0.125,
        "stages.conv2": 0.25,
        "stages.fc1": 0.5,
        "stages.fc2": 1,
        "head": 3,
    }
    for name, p in slow.network.named_parameters():
        rate = next(r for part, r in wanted.items() if name.startswith(part + "."))
        moved = dict(plain.network.named_parameters())[name] - start[name]
        torch.testing.assert_close(p - start[name], rate * moved, rtol=1e-4, atol=1e-7, msg=name)


def test_rates_move_with_their_sliders():
    session = tune()
    session.step()
    session.set(head_rate=10)
    session.step()
    rates = {g["name"]: g["lr"] for g in session.optimizer.param_groups}
    assert rates["head"] == pytest.approx(10 * rates["fc2"])


def test_stages_thaw_one_by_one_the_last_first():
    assert [frozen_stages(p / 12, 4, 1 / 3) for p in range(6)] == [4, 3, 2, 1, 0, 0]
    assert [frozen_stages(p, 2, 1.0) for p in (0, 0.49, 0.5, 0.99, 1)] == [2, 2, 1, 1, 0]
    assert all(frozen_stages(k / 3, 3, 1.0) == 3 - k for k in range(4))
    assert frozen_stages(0.0, 4, 0.0) == 0


def test_a_thaw_is_logged_and_moves_only_what_has_thawed():
    session = tune(thaw=0.8, steps=10)
    held, first_moved = weights(session), {}
    for fact in session:
        if isinstance(fact, Stepped):
            moved = {
                n for n, p in session.network.named_parameters() if not torch.equal(p, held[n])
            }
            for stage in ("conv1", "conv2", "fc1", "fc2"):
                if any(n.startswith(f"stages.{stage}.") for n in moved):
                    first_moved.setdefault(stage, fact.step)
    assert first_moved == {"fc2": 3, "fc1": 5, "conv2": 7, "conv1": 9}
    depths = [(1, 0, 4), (3, 4, 3), (5, 3, 2), (7, 2, 1), (9, 1, 0)]
    assert session.changes == tuple(
        Changed(step, "freeze_depth", old, new) for step, old, new in depths
    )
    again = tune(thaw=0.8, steps=10)
    list(again)
    assert same(weights(again), weights(session))


# --- BSS


@pytest.mark.parametrize(("n", "d", "k"), [(6, 4, 1), (4, 6, 2), (3, 5, 9)])
def test_shrinkage_is_the_smallest_eigenvalues_of_the_gram_matrix(n, d, k):
    f = normal(n, d)
    gram = f @ f.T if n <= d else f.T @ f
    wanted = np.sort(np.linalg.eigvalsh(gram.numpy()))[:k].sum()
    assert float(spectral_shrinkage(f, k)) == pytest.approx(wanted)


def test_shrinkage_does_not_depend_on_rotation_and_its_gradient_is_exact():
    f, q = normal(6, 4), torch.linalg.qr(normal(4, 4, seed=2)).Q
    assert float(spectral_shrinkage(f @ q, 2)) == pytest.approx(float(spectral_shrinkage(f, 2)))
    assert torch.autograd.gradcheck(lambda x: spectral_shrinkage(x, 2), (f.requires_grad_(),))


def test_shrinkage_of_flat_or_broken_features():
    flat = torch.ones(5, 3, requires_grad=True)
    spectral_shrinkage(flat).backward()
    assert flat.grad.isfinite().all()
    assert spectral_shrinkage(torch.tensor([[1.0, float("inf")]])).isnan()


@pytest.mark.parametrize("name", ["bss", "l2-sp", "delta"])
def test_without_their_penalties_they_are_fine_tuning_bit_for_bit(name):
    settings = {} if name == "bss" else {"beta": 0}
    one, two = tune(name, weight=0, **settings), tune()
    list(one), list(two)
    assert same(weights(one), weights(two))


def test_l2_sp_holds_the_body_at_its_start_and_the_head_at_zero():
    session = tune("l2-sp", weight=0.3, beta=0.2)
    network = session.network
    start = {name: p.detach().clone() for name, p in network.named_parameters()}
    with torch.no_grad():
        for p in network.parameters():
            p.add_(0.1)
    body = sum(p.numel() for name, p in start.items() if not name.startswith("head."))
    head = sum(
        float((p + 0.1).square().sum()) for name, p in start.items() if name.startswith("head.")
    )
    losses = session.step()[0].losses
    assert losses["stay close"] == pytest.approx(0.3 * 0.5 * body * 0.1**2, rel=1e-4)
    assert losses["small head"] == pytest.approx(0.2 * 0.5 * head, rel=1e-4)


# --- DELTA


def test_a_channels_loss_is_the_loss_with_its_weights_cut_off():
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, batchnorm=False).eval()
    x, y = torch.tensor(pair.source.x[:9]), torch.tensor(pair.source.y[:9])
    found = losses_without(network, network.head, "conv1", x=x, y=y)
    for j in range(4):
        cut = copy.deepcopy(network)
        with torch.no_grad():
            cut.stages["conv2"][0].weight[:, j] = 0
        torch.testing.assert_close(found[j], F.cross_entropy(cut(x)[1], y))


def test_weights_are_the_softmax_of_what_the_loss_rises_by():
    without, loss = torch.tensor([2.0, 1.5, 1.0]), torch.tensor(1.0)
    rise = np.exp([1.0, 0.5, 0.0])
    np.testing.assert_allclose(channel_weights(without, loss), rise / rise.sum(), rtol=1e-6)


def test_behavior_equals_loops_and_with_equal_weights_the_plain_distance():
    rng = np.random.default_rng(0)
    h, h0, w = (
        rng.normal(size=(2, 3, 4, 5)),
        rng.normal(size=(2, 3, 4, 5)),
        np.array([0.5, 0.3, 0.2]),
    )
    by_loops = sum(
        3 * w[c] * ((h[i, c] - h0[i, c]) ** 2).mean() / 2 / 2 for i in range(2) for c in range(3)
    )
    as_tensors = [torch.from_numpy(a) for a in (h, h0, w)]
    assert float(behavior(*as_tensors)) == pytest.approx(by_loops)
    f, f0 = normal(4, 3, seed=1), normal(4, 3, seed=2)
    plain = 0.5 * (f - f0).square().sum(1).mean()
    torch.testing.assert_close(behavior(f, f0, torch.full((3,), 1 / 3).double()), plain)


def test_the_probe_is_at_its_optimum():
    f, y = normal(30, 4).float(), torch.arange(30) % 3
    head = linear_probe(f, y, 3)
    weight, bias = head.weight.clone().requires_grad_(), head.bias.clone().requires_grad_()
    (F.cross_entropy(f @ weight.T + bias, y) + 1e-3 * weight.square().sum()).backward()
    assert weight.grad.abs().max() < 1e-4
    assert bias.grad.abs().max() < 1e-4


def test_delta_judges_every_stage_with_maps_and_starts_at_no_penalty():
    pair = image_pair().with_target_labels(5)
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, batchnorm=False)
    session = tune("delta", pair=pair, network=network, beta=0)
    channels = session.objective.channels
    assert {name: len(w) for name, w in channels.items()} == {"conv1": 4, "conv2": 6}
    assert all(float(w.sum()) == pytest.approx(1) for w in channels.values())
    told = [f.losses["behavior"] for f in session if isinstance(f, Stepped)]
    assert told[0] == 0
    assert told[-1] > 0


def test_delta_weighs_channels_by_64_labeled_examples_drawn_by_seed(monkeypatch):
    drawn = []

    def watched(start, x, y):
        drawn.append(x)
        return useful_channels(start, x, y)

    monkeypatch.setattr(delta, "useful_channels", watched)
    pair = image_pair(n=120).with_target_labels(30)
    for seed in (0, 0, 1):
        tune("delta", pair=pair, seed=seed)
    assert [len(x) for x in drawn] == [64, 64, 64]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_delta_holds_what_the_network_computes():
    pair = image_pair().with_target_labels(5)
    x = torch.tensor(pair.target_labeled.x)

    def drift(weight):
        network = tl.build_network("lenet", pair, channels=(4, 6), width=8, batchnorm=False)
        before, after = {}, {}
        with torch.no_grad():
            network(x, before)
        list(tune("delta", pair=pair, network=network, weight=weight, steps=40))
        with torch.no_grad():
            network(x, after)
        return float((before["conv2"] - after["conv2"]).norm())

    assert drift(10) < 0.3 * drift(0)


def test_delta_keeps_vectors_too():
    pair = tl.load_pair("blobs->rotated-blobs", n_samples=60)
    session = tl.Session(
        pair,
        tl.build_network("mlp", pair, width=6),
        build_objective("delta"),
        steps=2,
        device="cpu",
    )
    assert {name: len(w) for name, w in session.objective.channels.items()} == {
        "hidden1": 6,
        "hidden2": 6,
    }
    list(session)
