"""Methods that live in BatchNorm: AdaBN, DSBN, TENT; what they move, and all that they leave."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_session import build, image_pair, same, weights

import tltutor as tl
from tltutor.events import Stepped
from tltutor.networks.batchnorm import DomainBatchNorm1d, domain_layers, split_affine
from tltutor.objectives.entropy import entropy


@pytest.fixture(scope="module")
def pair():
    return image_pair(n=90)


@pytest.fixture
def trained(pair):
    session = build("source-only", pair=pair, steps=40)
    list(session)
    return session.network


def changed(network, before):
    return {
        name for name, value in network.state_dict().items() if not torch.equal(value, before[name])
    }


# --- AdaBN


def test_adabn_makes_the_statistics_the_targets_to_a_millionth(pair, trained):
    session = build("adabn", pair=pair, network=trained, steps=3)
    facts = [f.losses["moved"] for f in session if isinstance(f, Stepped)]
    heard = {}
    hooks = [
        layer.register_forward_pre_hook(lambda m, args: heard.update({m: args[0]}))
        for layer in domain_layers(trained)
    ]
    with torch.no_grad():
        trained.eval().on("target")(torch.tensor(pair.target.x))
    for hook in hooks:
        hook.remove()
    for layer, values in heard.items():
        values = values.double().transpose(0, 1).flatten(1)  # noqa: PLW2901
        torch.testing.assert_close(layer.target_mean.double(), values.mean(1), atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(layer.target_var.double(), values.var(1), atol=1e-6, rtol=1e-5)
    assert len(heard) == 3
    assert facts[0] > 0.1
    assert facts[1:] == [0, 0]


def test_adabn_changes_nothing_but_the_targets_statistics(pair, trained):
    before, source = (
        copy.deepcopy(trained.state_dict()),
        trained.eval().on("source")(torch.tensor(pair.source.x))[1],
    )
    list(build("adabn", pair=pair, network=trained, weight_decay=0.1))
    assert {name.rpartition(".")[2] for name in changed(trained, before)} == {
        "target_mean",
        "target_var",
    }
    assert torch.equal(trained.eval().on("source")(torch.tensor(pair.source.x))[1], source)


def test_adabn_adapts_in_the_first_step_alone(pair, trained):
    session = build("adabn", pair=pair, network=trained)
    session.step()
    layer = next(domain_layers(trained))
    layer.target_mean.zero_()
    session.step()
    assert not layer.target_mean.any()


def test_adabn_leaves_frozen_stages(pair, trained):
    before = copy.deepcopy(trained.state_dict())
    list(build("adabn", pair=pair, network=trained, freeze_depth=2))
    assert all(name.startswith("stages.fc1.") for name in changed(trained, before))
    assert changed(trained, before)


def test_adabn_says_how_far_the_means_moved(pair, trained):
    layers = list(domain_layers(trained))
    old = [(layer.target_mean.clone(), layer.target_var.clone()) for layer in layers]
    told = build("adabn", pair=pair, network=trained).step()[0].losses["moved"]
    squares = [
        (layer.target_mean - mean).square() / (var + layer.eps)
        for layer, (mean, var) in zip(layers, old, strict=True)
    ]
    assert told == pytest.approx(float(torch.cat(squares).mean()) ** 0.5, rel=1e-5)


# --- DSBN


def test_a_split_layer_is_two_of_torchs_own():
    ours, source, target = DomainBatchNorm1d(3), torch.nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    ours.split()
    with torch.no_grad():
        for mine, its in (
            (ours.target_weight, target.weight),
            (ours.target_bias, target.bias),
            (ours.bias, source.bias),
        ):
            its.uniform_()
            mine.copy_(its)
    for domain, peer in (("source", source), ("target", target)):
        x = torch.randn(6, 3)
        ours.domain = domain
        torch.testing.assert_close(ours(x), peer(x))
        torch.testing.assert_close(ours.eval()(x), peer.eval()(x))
        ours.train()


def test_splitting_changes_no_output_and_happens_once(pair, trained):
    x = torch.tensor(pair.target.x)
    before = trained.eval().on("target")(x)[1]
    split_affine(trained)
    held = [layer.target_weight for layer in domain_layers(trained)]
    split_affine(trained)
    assert torch.equal(trained.on("target")(x)[1], before)
    assert all(
        layer.target_weight is p for layer, p in zip(domain_layers(trained), held, strict=True)
    )


def test_dsbns_two_sets_train_apart_and_the_task_reaches_the_sources_alone(pair):
    session = build("dsbn", pair=pair, steps=5, weight_decay=0.1)
    list(session)
    layer = next(domain_layers(session.network))
    assert not torch.allclose(layer.weight, layer.target_weight)
    grouped = {p for g in session.optimizer.param_groups for p in g["params"]}
    assert {layer.target_weight, layer.target_bias} <= grouped
    alone = build("dsbn", pair=pair, steps=5, weight=0)
    list(alone)
    layer = next(domain_layers(alone.network))
    assert torch.equal(
        layer.target_weight, torch.ones(4)
    )  # lambda 0: nothing reaches the target's own
    assert not torch.equal(layer.weight, torch.ones(4))


def test_at_lambda_zero_dsbns_shared_weights_are_source_onlys(pair):
    split, plain = build("dsbn", pair=pair, weight=0), build("source-only", pair=pair)
    list(split), list(plain)
    own, wanted = (
        {n: v for n, v in weights(session).items() if ".target_" not in n}
        for session in (split, plain)
    )
    assert same(own, wanted)


def test_a_split_network_saves_loads_and_goes_on(pair, tmp_path):
    session = build("dsbn", pair=pair, steps=5)
    list(session)
    session.network.save(tmp_path / "dsbn.pt")
    loaded = tl.load_network(tmp_path / "dsbn.pt")
    assert same(loaded.state_dict(), session.network.state_dict())
    list(build("dann", pair=pair, network=loaded))


def test_a_split_network_takes_an_unsplit_ones_state():
    split, plain = DomainBatchNorm1d(2), DomainBatchNorm1d(2)
    split.split()
    with torch.no_grad():
        plain.weight.fill_(3)
    split.load_state_dict(plain.state_dict())
    assert torch.equal(split.target_weight, plain.weight)


# --- TENT


def test_tent_moves_batchnorms_scale_shift_and_target_statistics_alone(pair, trained):
    before = copy.deepcopy(trained.state_dict())
    list(build("tent", pair=pair, network=trained, weight_decay=0.1))
    norms = tuple(
        f"{name}."
        for name, m in trained.named_modules()
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)
    )
    moved = changed(trained, before)
    assert all(name.startswith(norms) for name in moved)
    assert {name.rpartition(".")[2] for name in moved} == {
        "weight",
        "bias",
        "target_mean",
        "target_var",
    }
    assert len([n for n in moved if n.endswith((".weight", ".bias"))]) == 6


def test_tent_touches_no_source(pair, trained):
    other = replace(pair, source=tl.Domain("s", 1 - pair.source.x, pair.source.y[::-1].copy()))
    one, two = (
        build("tent", pair=pair, network=copy.deepcopy(trained)),
        build("tent", pair=other, network=trained),
    )
    drawn = build("tent", pair=pair, network=copy.deepcopy(trained))._examples.next()
    assert set(drawn.x) == {"target"}
    assert drawn.y == {}
    assert list(one) == list(two)
    assert same(weights(one), weights(two))


def test_tent_minimizes_the_mean_entropy_of_its_batch(pair, trained):
    session = build("tent", pair=pair, network=trained, weight=2.0)
    with torch.no_grad():
        xt = build("tent", pair=pair, network=copy.deepcopy(trained))._examples.next().x["target"]
        z = copy.deepcopy(trained).train().on("target")(xt)[1]
    assert session.step()[0].losses["entropy"] == pytest.approx(
        2 * float(entropy(z).mean()), rel=1e-5
    )


def test_tent_is_more_confident_about_held_out_targets_afterward(pair, trained):
    list(build("adabn", pair=pair, network=trained))

    def unsure():
        with torch.no_grad():
            return float(
                entropy(trained.eval().on("target")(torch.tensor(pair.target_test.x))[1]).mean()
            )

    before = unsure()
    list(build("tent", pair=pair, network=trained, steps=150, lr=0.01))
    assert unsure() < 0.9 * before


def test_tent_on_a_split_network_leaves_the_source_as_it_was(pair, trained):
    split_affine(trained)
    x = torch.tensor(pair.source.x)
    source, target = (trained.eval().on(side)(x)[1] for side in ("source", "target"))
    held = copy.deepcopy(trained.state_dict())
    list(build("tent", pair=pair, network=trained))
    assert torch.equal(trained.eval().on("source")(x)[1], source)
    assert not torch.allclose(trained.on("target")(x)[1], target)
    assert {"target_weight", "target_bias"} <= {
        name.rpartition(".")[2] for name in changed(trained, held)
    }


@pytest.mark.parametrize("name", ["tent", "adabn", "dsbn"])
def test_a_network_without_batchnorm_is_refused(name):
    pair = tl.load_pair("blobs->rotated-blobs", n_samples=30)
    with pytest.raises(
        ValueError,
        match=r"needs a network with BatchNorm, got .* without.*: build it with batchnorm=True",
    ):
        list(
            tl.Session(pair, tl.build_network("mlp", pair), tl.build_objective(name), device="cpu")
        )


def test_tent_with_everything_frozen_moves_nothing(pair, trained):
    session = build("tent", pair=pair, network=trained, freeze_depth=4)
    before = weights(session)
    list(session)
    assert same(before, weights(session))
    assert np.isfinite(session.evaluate()["target_accuracy"])
