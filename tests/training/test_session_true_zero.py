"""The true zero: source-only sees no target image, in training or in judging; what target statistics add is a baseline beside it."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_session import build, image_pair, same, weights

import tltutor as tl
from tltutor.evaluation import comparison
from tltutor.experiment import Experiment
from tltutor.networks.batchnorm import domain_layers
from tltutor.networks.extraction import FrozenFeatures
from tltutor.objectives import OBJECTIVES
from tltutor.training.pretraining import pretraining_session


def elsewhere(pair):
    """The pair with noise for all target images but those that judge."""
    x = np.random.default_rng(9).random(pair.target.x.shape, np.float32)
    return replace(pair, target=tl.Domain("noise", x, pair.target.y, pair.class_names))


def test_with_noise_for_a_target_every_weight_buffer_and_judgment_of_source_only_stays():
    pair = image_pair()
    runs = [build("source-only", pair=p, steps=20) for p in (pair, elsewhere(pair))]
    facts = [list(run) for run in runs]
    assert facts[0] == facts[1]
    assert same(weights(runs[0]), weights(runs[1]))
    assert runs[0].evaluate() == runs[1].evaluate()
    for x, side in ((pair.source.x, "source"), (pair.target_test.x, "target")):
        np.testing.assert_array_equal(runs[0].predict(x, side), runs[1].predict(x, side))
        torch.testing.assert_close(
            runs[0].outputs(x, side), runs[1].outputs(x, side), rtol=0, atol=0
        )
    x = pair.target_test.x
    np.testing.assert_array_equal(
        runs[0].predict(x[:3]), runs[0].predict(x)[:3]
    )  # nor do the images judged beside it matter


def test_nothing_but_source_images_goes_through_the_network_while_source_only_trains():
    pair, seen = image_pair(), []
    session = build("source-only", pair=pair, steps=8)
    session.network.register_forward_pre_hook(lambda _, args: seen.extend(args[0].numpy()))
    list(session)
    assert len(seen) == 8 * 12
    known = {x.tobytes() for x in pair.source.x}
    assert all(np.ascontiguousarray(x).tobytes() in known for x in seen)


def test_source_only_judges_both_domains_by_the_sources_statistics_and_hands_them_on():
    session = build("source-only", steps=20)
    list(session)
    layers = list(domain_layers(session.network))
    assert len(layers) == 3
    for layer in layers:
        assert layer.running_mean.abs().sum() > 0
        assert torch.equal(layer.target_mean, layer.running_mean)
        assert torch.equal(layer.target_var, layer.running_var)
    x = session.pair.target.x
    np.testing.assert_array_equal(
        FrozenFeatures(session.network, "target").transform(x),
        FrozenFeatures(session.network, "source").transform(x),
    )
    for layer in layers:
        layer.target_mean += (
            5  # whatever the network's target statistics are, source-only is not judged by them
        )
    own = session.network.eval().on("source")(torch.tensor(x))[1]
    torch.testing.assert_close(session.outputs(x, "target")[1], own.detach())


def test_target_statistics_change_the_targets_judgment_alone():
    pair = image_pair()
    zero, fed, noise = (
        build("source-only", pair=pair, steps=30),
        *(build("source-only-target-bn", pair=p, steps=30) for p in (pair, elsewhere(pair))),
    )
    for run in (zero, fed, noise):
        list(run)
    assert fed.batchnorm == "separate"
    for run in (fed, noise):
        assert same(*(dict(r.network.named_parameters()) for r in (zero, run)))
        torch.testing.assert_close(
            zero.outputs(pair.source.x, "source"),
            run.outputs(pair.source.x, "source"),
            rtol=0,
            atol=0,
        )
    logits = [run.outputs(pair.target_test.x, "target")[1] for run in (zero, fed, noise)]
    assert not torch.allclose(logits[0], logits[1], atol=1e-3)
    assert not torch.allclose(logits[1], logits[2], atol=1e-3)


def test_under_source_statistics_a_target_batch_is_normalized_by_the_sources_running_ones_and_moves_none():
    session = build("dann", batchnorm="source")
    xs, xt = (torch.tensor(domain.x[:8]) for domain in (session.pair.source, session.pair.target))
    session.network.train()
    alike = copy.deepcopy(session.network)
    outputs = session._forward({"source": xs, "target": xt, "labeled": xt})
    alike.on("source")(
        xs
    )  # by hand: the source's batch moves the statistics, the target is evaluated
    assert all(
        torch.equal(a, b)
        for a, b in zip(session.network.buffers(), alike.buffers(), strict=True)
        if a.ndim == 0
    )
    for layer, by_hand in zip(domain_layers(session.network), domain_layers(alike), strict=True):
        assert torch.equal(layer.running_mean, by_hand.running_mean)
        assert torch.equal(layer.target_var, by_hand.running_var)
        assert layer.training
    wanted = alike.eval().on("source")(xt)[1]
    for name in ("target", "labeled"):
        torch.testing.assert_close(outputs[name].z, wanted)
        assert outputs[name].z.requires_grad is (
            name == "target"
        )  # DANN does not see labeled examples


def test_under_joint_statistics_both_domains_are_judged_by_the_shared_ones_which_the_network_hands_on():
    session = build("dann", batchnorm="joint")
    list(session)
    for layer in domain_layers(session.network):
        assert torch.equal(layer.target_mean, layer.running_mean)
        layer.target_mean += (
            5  # whatever the network's target statistics are, they are not asked for
        )
    x = session.pair.target.x
    by_hand = session.network.eval().on("source")(torch.tensor(x))[1]
    torch.testing.assert_close(session.outputs(x, "target")[1], by_hand.detach())


def test_a_frozen_batchnorm_keeps_its_target_statistics():
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
    frozen = next(iter(domain_layers(network.stages["conv1"])))
    frozen.target_mean += 3
    session = build("source-only", pair=pair, network=network, freeze_depth=1)
    list(session)
    assert torch.equal(frozen.target_mean, torch.full((4,), 3.0))


def test_an_objective_whose_meaning_hangs_on_a_mode_keeps_it():
    modes = {name: cls.batchnorm for name, cls in OBJECTIVES.items() if cls.batchnorm}
    assert modes == {
        "source-only": "source",
        "importance-weighting": "source",
        "adabn": "separate",
        "dsbn": "separate",
        "tent": "separate",
    }
    for name, mode in modes.items():
        for asked in ("separate", "joint", "source"):
            assert build(name, batchnorm=asked).batchnorm == mode


@pytest.mark.parametrize("name", ["adabn", "tent"])
def test_what_goes_on_from_source_only_starts_with_the_sources_statistics_and_ends_with_the_targets(
    name,
):
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
    before = pretraining_session(
        pair, network, OBJECTIVES[name].pretrained_by, steps=30, batch_size=12, device="cpu"
    )
    list(before)
    assert before.batchnorm == "source"
    layers = list(domain_layers(network))
    starts = [layer.target_mean.clone() for layer in layers]
    assert all(
        torch.equal(start, layer.running_mean) for start, layer in zip(starts, layers, strict=True)
    )
    after = build(name, pair=pair, network=network, steps=40)
    list(after)
    network.eval()
    x = network.inputs(torch.tensor(pair.target.x))
    mean = network.stages["conv1"][0](x).mean(
        (0, 2, 3)
    )  # of all target examples, before the first BatchNorm
    torch.testing.assert_close(
        layers[0].target_mean,
        mean,
        rtol=0.05 if name == "tent" else 1e-5,
        atol=0.01 if name == "tent" else 1e-6,
    )
    assert not torch.allclose(layers[0].running_mean, layers[0].target_mean, atol=0.01)


def test_a_comparison_has_a_row_for_target_statistics_where_a_network_has_batchnorm():
    def rows(batchnorm="separate", **more):
        options = {"steps": 3, "batch_size": 8, "lr": 0.05, "device": "cpu", "batchnorm": batchnorm}
        experiment = Experiment("moons->rotated-moons", "mmd", session_options=options, **more)
        heard = list(comparison.compare(comparison.Comparison(experiment, (0,))))
        judged = [fact.row for fact in heard if isinstance(fact, comparison.Judged)]
        return judged, {
            fact.row: fact.why for fact in heard if isinstance(fact, comparison.Omitted)
        }

    judged, omitted = rows()
    assert judged == ["source-only", "mmd", "target-only"]
    assert omitted == {"source-only-target-bn": "mlp has no BatchNorm"}
    normalized = {"network": "mlp", "network_options": {"batchnorm": True}}
    judged, omitted = rows(**normalized)
    assert judged == ["source-only", "source-only-target-bn", "mmd", "target-only"]
    assert omitted == {}
    judged, omitted = rows(batchnorm="source", **normalized)
    assert "source-only-target-bn" not in judged
    assert "source" in omitted["source-only-target-bn"]
