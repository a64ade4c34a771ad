"""The networks: shapes, stages, freezing, inputs, seeds, new heads."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torchvision.transforms.functional import normalize

from tltutor.networks import (
    NETWORKS,
    Network,
    backbones,
    build_network,
    load_network,
    network_names,
    small,
)
from tltutor.networks.inputs import Inputs, resize

STAGES = {
    "lenet": ["conv1", "conv2", "fc1", "fc2"],
    "linear": ["inputs"],
    "mlp": ["hidden1", "hidden2"],
    "resnet18": ["stem", "layer1", "layer2", "layer3", "layer4"],
    "resnet50": ["stem", "layer1", "layer2", "layer3", "layer4"],
    "vgg16": ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"],
    "squeezenet1_0": ["conv1", *(f"fire{i}" for i in range(2, 10))],
    "inception_v3": ["stem", "mixed5", "mixed6", "mixed7"],
    "mobilenet_v2": [f"stage{k}" for k in range(1, 6)],
    "mobilenet_v3_small": [f"stage{k}" for k in range(1, 6)],
    "efficientnet_b0": [f"stage{k}" for k in range(1, 6)],
    "convnext_tiny": [f"stage{k}" for k in range(1, 5)],
    "vit_b_16": [f"stage{k}" for k in range(1, 6)],
}
WIDTHS = {
    "lenet": 100,
    "linear": 3 * 20 * 20,
    "mlp": 64,
    "resnet18": 512,
    "resnet50": 2048,
    "vgg16": 4096,
    "squeezenet1_0": 512,
    "inception_v3": 2048,
    "mobilenet_v2": 1280,
    "mobilenet_v3_small": 1024,
    "efficientnet_b0": 1280,
    "convnext_tiny": 768,
    "vit_b_16": 768,
}
TINY = {
    name: {}
    if name in {"lenet", "linear", "mlp"}
    else {"size": 75 if name == "inception_v3" else 32}
    for name in STAGES
}
LIGHT = ("lenet", "mlp", "resnet18", "squeezenet1_0")
BACKBONES = tuple(name for name in STAGES if name not in {"lenet", "linear", "mlp"})


def pair(shape: tuple[int, ...] = (3, 20, 20), classes: int = 5) -> SimpleNamespace:
    names = tuple(f"class {k}" for k in range(classes))
    return SimpleNamespace(
        shape=shape, class_names=names, kind="image" if len(shape) == 3 else "vector"
    )


@functools.lru_cache(maxsize=1)
def tiny(name: str) -> Network:
    """One network at a time, since VGG-16 holds half a gigabyte."""
    return build_network(name, pair(), **TINY[name])


def images(n: int = 4, channels: int = 3, side: int = 20, seed: int = 0) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (n, channels, side, side), generator=rng, dtype=torch.uint8)


def trained_by_gradient(network: Network) -> set[str]:
    network.zero_grad(set_to_none=True)
    network(images())[1].square().sum().backward()
    return {name for name, p in network.named_parameters() if p.grad is not None}


def intended(network: Network, k: int) -> set[str]:
    frozen = tuple(f"stages.{name}." for name in list(network.stages)[:k])
    return {name for name, _ in network.named_parameters() if not name.startswith(frozen)}


# --- one walk over all networks


def test_all_networks_are_walked() -> None:
    walked_elsewhere = {"bert", "tiny-detector"}  # test_bert.py, test_detector.py
    assert set(network_names()) == {*STAGES, *walked_elsewhere}


@pytest.mark.parametrize("name", STAGES)
def test_every_network_is_named_stages_and_a_head(name: str) -> None:
    network = tiny(name).freeze(0).eval()
    with torch.no_grad():
        f, z = network(images())
    assert list(network.stages) == STAGES[name]
    assert network.depth == len(STAGES[name])
    assert f.shape == (4, WIDTHS[name]) == (4, network.feature_width)
    assert z.shape == (4, 5)
    assert network.head.in_features == WIDTHS[name]
    assert f.isfinite().all()
    assert z.isfinite().all()
    torch.testing.assert_close(network.head(f), z)

    owners = [
        {id(p) for p in part.parameters()} for part in (*network.stages.values(), network.head)
    ]
    assert sum(map(len, owners)) == len(set().union(*owners)) == len(list(network.parameters()))

    for k in range(network.depth + 1):
        network.freeze(k)
        assert {n for n, p in network.named_parameters() if p.requires_grad} == intended(network, k)
        assert network.frozen == k


@pytest.mark.parametrize("name", BACKBONES)
def test_backbone_features_are_what_torchvision_gives_its_own_head(name: str) -> None:
    size = TINY[name]["size"]
    body = NETWORKS[name].build((3, 20, 20), size=size)
    model, head = (
        body.original.model.eval(),
        body.original.model.get_submodule(body.original.head.rstrip(".")),
    )
    seen: list[torch.Tensor] = []
    head.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    x = torch.rand(2, 3, size, size)
    f = x
    with torch.no_grad():
        model(x)
        for stage in body.stages.values():
            f = stage.eval()(f)
    expected = seen[0].mean((2, 3)) if seen[0].ndim == 4 else seen[0]
    torch.testing.assert_close(f, expected)
    dropping = [
        k
        for k, stage in body.stages.items()
        if any(isinstance(m, nn.Dropout) and m.p > 0 for m in stage.modules())
    ]
    assert dropping == (["fc6"] if name == "vgg16" else [])  # never right before the head


# --- small networks


@pytest.mark.parametrize("batchnorm", [True, False])
@pytest.mark.parametrize(
    ("shape", "left"), [((3, 28, 28), 4 * 4), ((1, 16, 16), 1), ((1, 32, 20), 5 * 2)]
)
def test_lenet_has_the_closed_form_number_of_weights(
    shape: tuple[int, ...], left: int, batchnorm: bool
) -> None:
    c1, c2, width, k = 6, 7, 11, 5
    network = build_network(
        "lenet", pair(shape), channels=(c1, c2), width=width, batchnorm=batchnorm
    )
    count = (
        (25 * shape[0] + 1) * c1
        + (25 * c1 + 1) * c2
        + (c2 * left + 1) * width
        + (width + 1) * width
        + (width + 1) * k
    )
    norm = 2 * (c1 + c2 + width) if batchnorm else 0
    assert sum(p.numel() for p in network.parameters()) == count + norm


def test_lenet_defaults_are_the_papers() -> None:
    network = build_network("lenet", pair((3, 28, 28)))
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert [(m.in_channels, m.out_channels, m.kernel_size) for m in convolutions] == [
        (3, 32, (5, 5)),
        (32, 48, (5, 5)),
    ]
    dense = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in dense] == [(768, 100), (100, 100), (100, 5)]
    assert network.options == {
        "channels": (32, 48),
        "width": 100,
        "batchnorm": True,
        "features": "fc2",
        "dropout": 0.0,
    }


def test_mlp_takes_vectors_and_images() -> None:
    flat = build_network("mlp", pair((2,)), width=7)
    assert sum(p.numel() for p in flat.parameters()) == 3 * 7 + 8 * 7 + 8 * 5
    x = torch.randn(6, 2)
    by_hand = torch.relu(
        flat.stages["hidden1"][0](x)
    )  # vectors come to the first layer as they are
    torch.testing.assert_close(flat.features(x), torch.relu(flat.stages["hidden2"][0](by_hand)))
    assert build_network("mlp", pair((1, 5, 6)))(torch.rand(3, 1, 5, 6))[0].shape == (3, 64)


def test_networks_like_channels_last() -> None:
    network = build_network("lenet", pair()).eval()
    x = images()
    expected = network(x)[1]
    network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(
        network(x.contiguous(memory_format=torch.channels_last))[1], expected
    )


# --- what happens before the first stage


def test_bytes_and_floats_say_the_same() -> None:
    inputs, x = Inputs((3, 20, 20)), images()
    torch.testing.assert_close(inputs(x), inputs(x.float() / 255))
    torch.testing.assert_close(inputs(x), x.float() / 127.5 - 1)


def test_backbones_normalize_as_torchvision_does() -> None:
    record = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    body = backbones.resnet18((3, 20, 20), size=20)
    x = images()
    torch.testing.assert_close(body.inputs(x), normalize(x.float() / 255, record.mean, record.std))


def test_inception_inputs_equal_torchvisions_transform_input() -> None:
    model = torchvision.models.inception_v3(
        weights=None, aux_logits=False, init_weights=False, transform_input=True
    )
    record = torchvision.models.Inception_V3_Weights.IMAGENET1K_V1.transforms()
    x = images(side=75)
    expected = model._transform_input(normalize(x.float() / 255, record.mean, record.std))
    torch.testing.assert_close(tiny("inception_v3").inputs(x), expected)


def test_gray_images_are_repeated_for_backbones() -> None:
    inputs, gray = backbones.squeezenet1_0((1, 28, 28), size=28).inputs, images(channels=1, side=28)
    torch.testing.assert_close(inputs(gray), inputs(gray.expand(-1, 3, -1, -1)))


def test_resizing_keeps_the_right_size_and_averages_when_it_shrinks() -> None:
    x = torch.rand(2, 3, 8, 8)
    assert resize(x, 8) is x
    stripes = (
        (torch.arange(32) % 8 == 0).float().expand(1, 1, 32, 32)
    )  # between the stripes is all that sampling would see
    inner = resize(stripes, 4)[..., 1:-1, 1:-1]
    torch.testing.assert_close(inner, torch.full_like(inner, 1 / 8), atol=0.03, rtol=0)
    assert resize(torch.full((1, 1, 5, 9), 0.3), 7).shape == (1, 1, 7, 7)


def test_wrong_shapes_are_refused_with_both_shapes() -> None:
    network = build_network("lenet", pair((3, 28, 28)))
    with pytest.raises(
        ValueError, match=r"must have shape \(3, 28, 28\).*got \(3, 32, 32\): bring"
    ):
        network(torch.rand(2, 3, 32, 32))
    with pytest.raises(ValueError, match=r"\(3, height, width\).*got \(4, 32, 32\)"):
        tiny("squeezenet1_0")(torch.rand(2, 4, 32, 32))
    with pytest.raises(ValueError, match=r"must have shape \(2,\).*got \(3,\)"):
        build_network("mlp", pair((2,)))(torch.rand(2, 3))


# --- freezing (oracles 12 to 14)


@pytest.mark.parametrize("name", LIGHT)
def test_gradients_reach_exactly_what_trains(name: str) -> None:
    network = build_network(name, pair(), **TINY[name]).train()
    for k in (1, network.depth, 0, network.depth - 1):  # unfreezing on the way
        assert trained_by_gradient(network.freeze(k)) == intended(network, k)


@pytest.mark.parametrize("name", ["lenet", "resnet18"])
def test_a_stage_frozen_in_flight_stands_still_and_the_rest_moves(name: str) -> None:
    network = build_network(name, pair(), **TINY[name])
    every = torch.optim.SGD(
        network.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1
    )  # built before freezing

    def step() -> None:
        every.zero_grad(set_to_none=True)
        network.train()(images())[1].logsumexp(1).sum().backward()
        every.step()

    step()
    network.freeze(2)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    for _ in range(3):
        step()
    frozen = tuple(f"stages.{stage}." for stage in list(network.stages)[:2])
    moved = {
        key for key, value in network.state_dict().items() if not torch.equal(value, before[key])
    }
    assert not {key for key in moved if key.startswith(frozen)}
    assert moved >= {n for n, p in network.named_parameters() if p.requires_grad}
    assert any(key.endswith("running_mean") for key in moved)


def test_freezing_between_backward_and_step_takes_the_gradients_away() -> None:
    network = build_network("lenet", pair())
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network(images())[1].logsumexp(1).sum().backward()
    network.freeze(1)
    before = network.stages["conv1"][0].weight.detach().clone()
    optimizer.step()
    assert torch.equal(network.stages["conv1"][0].weight, before)


def test_frozen_batchnorm_holds_still_on_both_domains_after_every_train() -> None:
    network = build_network("lenet", pair()).freeze(1)
    first = {key: value.clone() for key, value in network.stages["conv1"].state_dict().items()}
    for domain in ("source", "target"):
        network.train()
        network.on(domain)(images())
    assert all(
        torch.equal(value, first[key])
        for key, value in network.stages["conv1"].state_dict().items()
    )
    assert not network.stages["conv1"].training
    assert network.stages["conv2"].training
    network.freeze(0)
    assert all(m.training for m in network.modules())
    network.on("source")(images())
    assert not torch.equal(network.stages["conv1"][1].running_mean, first["1.running_mean"])


def test_freezing_keeps_evaluation_mode() -> None:
    network = build_network("lenet", pair()).eval()
    network.freeze(1)
    assert not any(m.training for m in network.modules())


@pytest.mark.parametrize("depth", [-1, 5, 7])
def test_a_freeze_depth_out_of_bounds_is_refused(depth: int) -> None:
    network = build_network("lenet", pair()).freeze(1)
    with pytest.raises(ValueError, match=f"freeze depth must be between 0 and 4, got {depth}: "):
        network.freeze(depth)
    assert network.frozen == 1


def test_a_freeze_depth_is_a_whole_number() -> None:
    network = build_network("lenet", pair())
    with pytest.raises(TypeError, match=r"freeze depth must be between 0 and 4, got 1\.5"):
        network.freeze(1.5)
    assert network.freeze(np.int64(2)).frozen == 2


# --- seeds, names, options


def test_weights_depend_on_the_seed_alone() -> None:
    def draw(seed: int) -> torch.Tensor:
        return torch.cat(
            [p.detach().flatten() for p in build_network("lenet", pair(), seed=seed).parameters()]
        )

    first = draw(3)
    torch.rand(5)
    assert torch.equal(first, draw(3))
    assert not torch.equal(first, draw(4))


def test_building_leaves_all_random_states_as_they_are() -> None:
    ours, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  (the global state is the point)
    build_network("squeezenet1_0", pair(), size=32, seed=5)
    build_network("mlp", pair((2,))).with_head(["a"], seed=6)
    assert torch.equal(torch.get_rng_state(), ours)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002


def test_unknown_names_and_options_get_the_nearest() -> None:
    with pytest.raises(
        ValueError, match="no network is called 'resnet19': did you mean 'resnet18'"
    ):
        build_network("resnet19", pair())
    with pytest.raises(
        ValueError,
        match="no option of the network 'lenet' is called 'chanels': did you mean 'channels'",
    ):
        build_network("lenet", pair(), chanels=(1, 2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be a whole number between 1 and 4096 units, got 0"),
        ({"channels": 32}, "channels must be 2 numbers, got 32: for instance"),
        ({"channels": (32, 48, 64)}, "channels must be 2 numbers"),
        ({"channels": (32, -1)}, "channels must be a whole number between 1 and 1024, got -1"),
        ({"batchnorm": "yes"}, "batchnorm must be True or False, got 'yes'"),
    ],
)
def test_options_are_checked(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_network("lenet", pair(), **options)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"lenet needs images .*got vectors of shape \(2,\): use the network 'mlp'",
    ):
        build_network("lenet", pair((2,)))
    with pytest.raises(ValueError, match="at least 16 pixels high and wide, got 20 x 12"):
        build_network("lenet", pair((1, 20, 12)))
    with pytest.raises(
        ValueError, match="size must be a whole number between 75 and 1024 pixels, got 32"
    ):
        build_network("inception_v3", pair(), size=32)
    assert small.SMALLEST_IMAGE == 16


def test_every_option_has_a_sentence() -> None:
    for record in NETWORKS.values():
        assert record.title.endswith(".")
        for option in record.options:
            assert (option.setting if isinstance(option, small.Each) else option).text.endswith(".")


# --- the next session


def test_a_new_head_comes_with_the_old_body() -> None:
    network = build_network("lenet", pair()).freeze(3)
    start = {key: value.clone() for key, value in network.state_dict().items()}
    other = network.with_head(["ant", "bee"], seed=1).eval()
    assert other.class_names == ("ant", "bee")
    assert other(images())[1].shape == (4, 2)
    assert other.frozen == 0
    assert all(p.requires_grad for p in other.parameters())
    assert all(
        torch.equal(v, start[k]) for k, v in other.state_dict().items() if not k.startswith("head.")
    )
    with torch.no_grad():
        other.stages["fc2"][0].weight.zero_()
    assert all(torch.equal(value, start[key]) for key, value in network.state_dict().items())
    assert network.class_names == pair().class_names
    assert network.frozen == 3


def test_a_new_head_is_drawn_by_its_seed() -> None:
    network = build_network("lenet", pair())
    a, b, c = (network.with_head("xyz", seed=seed).head.weight for seed in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    with pytest.raises(ValueError, match="at least one class name, got none"):
        network.with_head([])


def test_the_features_may_be_those_of_an_earlier_stage_and_the_logits_stay(tmp_path: Path) -> None:
    late, early = (
        build_network("lenet", pair((3, 28, 28)), features=stage).eval()
        for stage in ("fc2", "conv2")
    )
    x = images(side=28)
    f, z = early(x)
    assert f.shape == (4, early.feature_width) == (4, 768)
    by_hand = early.stages["conv2"](early.stages["conv1"](early.inputs(x))).flatten(1)
    torch.testing.assert_close(f, by_hand)
    torch.testing.assert_close(z, late(x)[1])
    early.save(tmp_path / "net.pt")
    torch.testing.assert_close(load_network(tmp_path / "net.pt").eval()(x)[0], f)
    assert early.with_head(("a", "b"))(x)[1].shape == (4, 2)
