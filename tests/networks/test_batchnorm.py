"""BatchNorm over two domains (oracle 11) and AdaBN."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from tltutor.networks import (
    DomainBatchNorm1d,
    DomainBatchNorm2d,
    Network,
    adapt_batchnorm,
    build_network,
)
from tltutor.networks.batchnorm import domain_layers, make_domain_aware

PAIR = SimpleNamespace(shape=(3, 20, 20), kind="image", class_names=("a", "b", "c"))


def two_layers() -> tuple[DomainBatchNorm1d, nn.BatchNorm1d, nn.BatchNorm1d]:
    return DomainBatchNorm1d(3), nn.BatchNorm1d(3), nn.BatchNorm1d(3)


def images(n: int, *, seed: int = 0, shift: float = 0.0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.rand(n, 3, 20, 20, generator=rng) * 0.5 + shift


@contextmanager
def listening(layers: list[nn.Module]) -> Iterator[dict[nn.Module, Tensor]]:
    """Inside, what comes to each of the layers is kept."""
    heard: dict[nn.Module, Tensor] = {}
    hooks = [
        layer.register_forward_pre_hook(lambda m, args: heard.update({m: args[0]}))
        for layer in layers
    ]
    yield heard
    for hook in hooks:
        hook.remove()


def test_one_layer_is_two_of_torchs_own() -> None:
    ours, source, target = two_layers()
    for step in range(3):
        xs, xt = torch.randn(8, 3), torch.randn(5, 3) * 2 + 1
        ours.domain = "source"
        torch.testing.assert_close(ours(xs), source(xs), msg=str(step))
        ours.domain = "target"
        torch.testing.assert_close(ours(xt), target(xt), msg=str(step))
    for kept, expected in (
        (ours.running_mean, source.running_mean),
        (ours.running_var, source.running_var),
        (ours.target_mean, target.running_mean),
        (ours.target_var, target.running_var),
    ):
        torch.testing.assert_close(kept, expected)
    x = torch.randn(4, 3)
    torch.testing.assert_close(ours.eval()(x), target.eval()(x))
    ours.domain = "source"
    torch.testing.assert_close(ours(x), source.eval()(x))


def test_images_and_vectors_are_told_apart() -> None:
    layer = DomainBatchNorm2d(3)
    layer.domain = "target"
    with pytest.raises(ValueError, match="expected 4D input"):
        layer(torch.rand(4, 3))


def test_on_moves_every_layer() -> None:
    network = build_network("resnet18", PAIR, size=32)
    assert len(list(domain_layers(network))) == 20
    for domain in ("target", "source"):
        assert network.on(domain) is network
        assert network.domain == domain
        assert {layer.domain for layer in domain_layers(network)} == {domain}
    with pytest.raises(ValueError, match="no domain is called 'targt': did you mean 'target'"):
        network.on("targt")


def test_separate_forwards_do_not_see_each_other_and_a_joint_one_does() -> None:
    network = build_network("lenet", PAIR).train()
    xs, xt, other = images(6), images(5, seed=1, shift=0.3), images(5, seed=2)

    def separate(xt: Tensor) -> tuple[Tensor, Tensor]:
        return network.on("source")(xs)[0], network.on("target")(xt)[0]

    def joint(xt: Tensor) -> Tensor:
        return network.on("source")(torch.cat([xs, xt]))[0][: len(xs)]

    assert torch.equal(separate(xt)[0], separate(other)[0])
    assert not torch.allclose(joint(xt), joint(other))
    assert not torch.allclose(joint(xt), separate(xt)[0])


def test_the_domains_keep_their_own_statistics() -> None:
    network = build_network("lenet", PAIR).train()
    layer = next(domain_layers(network))
    start = layer.target_mean.clone()
    network.on("source")(images(6))
    assert torch.equal(layer.target_mean, start)
    source = layer.running_mean.clone()
    network.on("target")(images(6))
    assert torch.equal(layer.running_mean, source)
    assert not torch.equal(layer.target_mean, start)


def test_a_state_without_target_statistics_starts_the_target_as_the_source() -> None:
    old = nn.BatchNorm2d(3)
    old(torch.rand(9, 3, 4, 4))
    given = old.state_dict()
    keys = set(given)
    layer = DomainBatchNorm2d(3)
    layer.load_state_dict(given)
    assert torch.equal(layer.target_mean, old.running_mean)
    assert torch.equal(layer.target_var, old.running_var)
    assert set(given) == keys
    layer.target_mean.add_(1)
    copy = DomainBatchNorm2d(3)
    copy.load_state_dict(layer.state_dict())
    assert torch.equal(copy.target_mean, layer.target_mean)
    assert torch.equal(copy.running_mean, old.running_mean)


def test_converting_keeps_what_a_model_computes() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Sequential(nn.BatchNorm2d(4, eps=0.1, momentum=0.3)), nn.Flatten()
    )
    model(images(5))
    with torch.no_grad():
        model[1][0].weight.uniform_()
    x = images(4, seed=3)
    expected = model.eval()(x)
    make_domain_aware(model.train())
    layer = model[1][0]
    assert isinstance(layer, DomainBatchNorm2d)
    assert (layer.eps, layer.momentum) == (0.1, 0.3)
    assert torch.equal(layer.target_var, layer.running_var)
    torch.testing.assert_close(model.eval()(x), expected)


# --- AdaBN


def adapted(name: str, **options: int) -> tuple[Network, Tensor]:
    network = build_network(name, PAIR, **options)
    network.train().on("source")(images(8))
    x = images(30, seed=1, shift=0.4)
    adapt_batchnorm(network, x, batch_size=7)
    return network, x


@pytest.mark.parametrize(
    ("name", "options"), [("lenet", {}), ("resnet18", {"size": 32}), ("mlp", {"batchnorm": True})]
)
def test_adabn_statistics_are_the_targets_at_every_layer(
    name: str, options: dict[str, int]
) -> None:
    network, x = adapted(name, **options)
    layers = list(domain_layers(network))
    with listening(layers) as heard, torch.no_grad():
        network.eval().on("target")(x)
    assert len(heard) == len(layers) > 0
    for layer in layers:
        values = heard[layer].double().transpose(0, 1).flatten(1)
        torch.testing.assert_close(layer.target_mean.double(), values.mean(1), atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(layer.target_var.double(), values.var(1), atol=1e-6, rtol=1e-5)


def test_adabn_of_the_first_layer_is_to_a_millionth_what_numpy_says() -> None:
    network, x = adapted("lenet")
    values = network.stages["conv1"][0](network.inputs(x)).detach().numpy().astype("f8")
    layer = network.stages["conv1"][1]
    assert abs(layer.target_mean.numpy() - values.mean((0, 2, 3))).max() < 1e-6
    assert abs(layer.target_var.numpy() - values.var((0, 2, 3), ddof=1)).max() < 1e-6


def test_adabn_changes_the_targets_statistics_and_nothing_else() -> None:
    network = build_network("lenet", PAIR).freeze(1).train().on("source")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    modes = [m.training for m in network.modules()]
    adapt_batchnorm(network, images(9))
    changed = {
        key for key, value in network.state_dict().items() if not torch.equal(value, before[key])
    }
    assert changed == {key for key in before if key.endswith(("target_mean", "target_var"))}
    assert [m.training for m in network.modules()] == modes
    assert network.domain == "source"
    assert all(p.grad is None for p in network.parameters())
    assert not any(m._forward_pre_hooks for m in network.modules())


def test_adabn_does_not_depend_on_the_batches() -> None:
    network, x = adapted("lenet")
    first = {key: value.clone() for key, value in network.state_dict().items()}
    for rows, size in ((torch.arange(30), 30), (torch.randperm(30), 11)):
        adapt_batchnorm(network, x[rows], batch_size=size)
        torch.testing.assert_close(network.state_dict(), first, atol=1e-5, rtol=1e-5)


def test_adabn_says_what_it_needs() -> None:
    with pytest.raises(
        ValueError,
        match="needs a network with BatchNorm, got mlp without it: build it with batchnorm=True",
    ):
        adapt_batchnorm(build_network("mlp", PAIR), images(4))
    with pytest.raises(ValueError, match="at least 2 values per channel, got 1"):
        adapt_batchnorm(build_network("mlp", PAIR, batchnorm=True), images(1))
