"""Any of torchvision's classifiers, cut into stages by its own graph."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torchvision import models

import tltutor as tl
from tltutor.networks import Defaults, build_network, load_network, network_record
from tltutor.networks.batchnorm import domain_layers, make_domain_aware
from tltutor.networks.graph import cut

PAIR = SimpleNamespace(shape=(3, 20, 20), kind="image", class_names=("a", "b"))


def features_of_torchvisions(model: nn.Module, head: str, x: torch.Tensor) -> torch.Tensor:
    """What the model itself gives its last layer."""
    seen: list[torch.Tensor] = []
    hook = model.get_submodule(head).register_forward_pre_hook(lambda _, a: seen.append(a[0]))
    with torch.no_grad():
        model.eval()(x)
    hook.remove()
    return seen[0]


@pytest.mark.parametrize("name", ["mnasnet0_5", "regnet_y_400mf", "shufflenet_v2_x0_5", "swin_t"])
def test_stages_in_sequence_are_the_network_and_share_its_weights(name: str) -> None:
    model = models.get_model(name, weights=None)
    make_domain_aware(model)
    found, x = cut(model, 64), torch.rand(2, 3, 64, 64)
    f = x
    with torch.no_grad():
        for stage in found.stages.values():
            f = stage.eval()(f)
    assert torch.equal(f, features_of_torchvisions(model, found.head.rstrip("."), x))
    assert f.shape == (2, found.width)
    inside = {id(p) for stage in found.stages.values() for p in stage.parameters()}
    head = {id(p) for p in model.get_submodule(found.head.rstrip(".")).parameters()}
    assert inside == {id(p) for p in model.parameters()} - head


def test_a_stage_works_at_one_resolution_and_ends_between_two_blocks() -> None:
    """MobileNetV2's five resolutions (Sandler et al., 2018, table 2); its blocks are features.0 to features.18."""
    found = cut(models.mobilenet_v2(weights=None), 224)
    f, sides = torch.rand(1, 3, 224, 224), []
    blocks = []
    for stage in found.stages.values():
        f = stage.eval()(f)
        sides.append(f.shape[2] if f.ndim == 4 else 1)
        blocks.append(sorted({int(n.split(".")[1]) for n, _ in stage.named_parameters()}))
    assert sides == [112, 56, 28, 14, 1]
    assert blocks == [[0, 1], [2, 3], [4, 5, 6], [*range(7, 14)], [*range(14, 19)]]


def test_a_transformer_is_cut_between_its_layers() -> None:
    found = cut(models.VisionTransformer(32, 8, 8, 2, 16, 32), 32)
    layers = [
        {n.split(".")[2] for n, _ in stage.named_parameters() if "encoder_layer" in n}
        for stage in found.stages.values()
    ]
    assert len(layers) == 5
    assert set.union(*layers) == {f"encoder_layer_{i}" for i in range(8)}
    assert sum(map(len, layers)) == 8, "no layer is in two stages"


def test_a_network_that_draws_in_training_still_does() -> None:
    """StochasticDepth looks at the training mode when it is called, not when the graph was followed."""
    network = build_network("efficientnet_b0", PAIR, size=32)  # type: ignore[arg-type]
    x = torch.rand(8, 3, 32, 32)
    with torch.no_grad():
        network.train()
        assert not torch.equal(network.features(x), network.features(x))
        network.eval()
        assert torch.equal(network.features(x), network.features(x))


def test_any_of_torchvisions_names_will_do_and_is_saved_and_loaded(tmp_path) -> None:
    network = build_network("shufflenet_v2_x0_5", PAIR, size=32)  # type: ignore[arg-type]
    assert list(domain_layers(network)), "its BatchNorms know two domains"
    network.save(tmp_path / "it.pt")
    again, x = load_network(tmp_path / "it.pt"), torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(again.eval()(x)[1], network.eval()(x)[1])
    assert network_record("resnet34").pretrained == Defaults(trunk_frozen=True, lr=0.001)


def test_its_checkpoint_fits(tmp_path) -> None:
    model = models.get_model("mobilenet_v3_small", weights=None)
    torch.save(model.state_dict(), tmp_path / "v3.pth")
    network = build_network("mobilenet_v3_small", PAIR, size=64, weights=tmp_path / "v3.pth")  # type: ignore[arg-type]
    x = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected = features_of_torchvisions(model, "classifier.3", network.inputs(x))
        torch.testing.assert_close(network.eval().features(x), expected)


def test_googlenets_weights_fit_and_its_other_heads_are_passed_over(tmp_path) -> None:
    """Its weights were trained on other inputs, which torchvision makes of the usual ones inside the network."""
    model = models.googlenet(weights=None, init_weights=False, transform_input=True)
    torch.save(model.state_dict(), tmp_path / "googlenet.pth")
    network = build_network("googlenet", PAIR, size=64, weights=tmp_path / "googlenet.pth")  # type: ignore[arg-type]
    x = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected = features_of_torchvisions(model, "fc", network.inputs(x))
        torch.testing.assert_close(network.eval().features(x), expected)


@pytest.mark.parametrize("name", ["mobilenet_v2", "vit_b_16"])
def test_it_trains_with_any_freeze_depth_and_is_looked_at(name: str) -> None:
    pair = tl.load_pair("digits->photo-digits")
    network = build_network(name, pair, size=32)
    run = tl.Session(
        pair, network, tl.objectives.DANN(), device="cpu", batch_size=4, snapshot_size=8
    )
    run.step()
    run.set(freeze_depth=3)
    run.step()
    assert network.frozen == 3
    assert run.error is None
    assert run.snapshot(flow=True).features.shape == (8, network.feature_width)


def test_what_cannot_be_cut_or_built_is_said_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="end in a linear layer.*SqueezeNet does not.*use one"):
        build_network("squeezenet1_1", PAIR)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vit_b_32 must be able to take images of size=40"):
        build_network("vit_b_32", PAIR, size=40)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no network is called 'resnet35'.*resnet34"):
        build_network("resnet35", PAIR)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 3 stages"):
        cut(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)), 32)


def test_imagenet_weights_are_found_in_the_data_root(data_root, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))  # holds none
    network = build_network("mobilenet_v2", PAIR, weights="imagenet")
    state = torch.load(data_root / "checkpoints" / "mobilenet_v2-b0353104.pth", weights_only=True)
    name = "features.0.0.weight"
    assert torch.equal(network.stages["stage1"].get_parameter(name), state[name])
