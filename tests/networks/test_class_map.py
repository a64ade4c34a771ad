"""Grad-CAM: the closed form where maps are averaged, a gradient by hand, which layer is taken, and a network left as it was."""

import numpy as np
import pytest
import torch
from torch import nn

from tltutor.domains import Domain, DomainPair
from tltutor.networks import build_network
from tltutor.networks.class_map import class_map, grad_cam

RNG = np.random.default_rng(0)


def pair_of(shape, n=6):
    x = RNG.integers(0, 256, (n, *shape)).astype(np.uint8)
    domain = Domain("a", x, np.arange(n) % 2)
    return DomainPair(domain, domain)


def test_each_map_counts_by_the_mean_of_its_gradient_and_nothing_is_below_zero():
    maps, gradients = (torch.tensor(RNG.normal(size=(3, 2, 4))) for _ in range(2))
    wanted = np.zeros((2, 4))
    for k in range(3):
        alpha = sum(gradients[k, i, j] for i in range(2) for j in range(4)) / 8
        for i in range(2):
            for j in range(4):
                wanted[i, j] += alpha * maps[k, i, j]
    assert wanted.min() < 0 < wanted.max()
    np.testing.assert_allclose(grad_cam(maps, gradients), wanted.clip(0), rtol=1e-12)


def test_maps_and_gradients_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"must both be \(k, h, w\), got \(1, 2, 3, 3\)"):
        grad_cam(torch.zeros(1, 2, 3, 3), torch.zeros(1, 2, 3, 3))
    grad_cam(torch.zeros(2, 3, 3), torch.zeros(2, 3, 3))


def test_where_the_last_maps_are_averaged_it_is_the_heads_weights_times_the_maps():
    """SqueezeNet's features are the means of its last maps: the class activation map, sum_k w_k A_k, in closed form."""
    pair = pair_of((3, 64, 64))
    network = build_network("squeezenet1_0", pair, size=64, seed=1)
    x, kept = torch.tensor(pair.source.x[:1]), []
    hook = network.stages["fire9"][0].register_forward_hook(lambda *said: kept.append(said[2]))
    network.eval()(x)
    hook.remove()
    for label in (0, 1):
        cam = torch.einsum("k,khw->hw", network.head.weight[label], kept[0][0]).relu().detach()
        found = class_map(network, x, "source", label)
        assert found is not None
        assert found.label == label
        assert cam.max() > 0
        np.testing.assert_allclose(found.map, (cam / cam.max() * 255).numpy(), atol=0.51)


def lenet(seed=0):
    pair = pair_of((1, 28, 28))
    network = build_network("lenet", pair, channels=(4, 3), width=8, seed=seed)
    return network, torch.tensor(pair.source.x[:1])


def by_differences(network, x, label, step=1e-6):
    """Grad-CAM after LeNet's second convolution: a map's mean gradient is the logit's slope when all of the map is raised."""
    network = network.double().eval()
    first, second, *others = network.stages.values()
    with torch.no_grad():
        maps = second(first(network.inputs(x).double()))

        def logit(h):
            for stage in others:
                h = stage(h)
            return network.head(h)[0, label]

        cam = torch.zeros(maps.shape[2:], dtype=torch.float64)
        for k in range(maps.shape[1]):
            up, down = maps.clone(), maps.clone()
            up[:, k] += step
            down[:, k] -= step
            cam += (logit(up) - logit(down)) / (2 * step) / cam.numel() * maps[0, k]
    return cam.relu()


@pytest.mark.parametrize("domain", ["source", "target"])
def test_dense_layers_after_the_last_maps_are_gone_through(domain):
    network, x = lenet()
    for layer in (network.stages["conv1"][1], network.stages["conv2"][1]):
        layer.target_mean.fill_(0.3)  # so that the domains are judged differently
        layer.target_var.fill_(0.5)
    found = class_map(network, x, domain)
    assert found is not None
    network.eval().on(domain)
    assert found.label == int(network(x)[1].argmax())
    cam = by_differences(network, x, found.label)
    assert cam.max() > 0
    np.testing.assert_allclose(found.map, (cam / cam.max() * 255).numpy(), atol=0.6)


def test_the_network_is_left_as_it_was():
    network, x = lenet()
    network.freeze(1).train().on("source")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    class_map(network, x, "target")
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [module.training for module in network.modules()] == modes
    assert network.domain == "source"
    assert all(p.grad is None for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())


def test_without_a_last_convolution_there_is_none():
    x = RNG.random((4, 2)).astype(np.float32)
    points = Domain("a", x, np.arange(4) % 2)
    assert (
        class_map(build_network("mlp", DomainPair(points, points)), torch.tensor(x[:1]), "source")
        is None
    )
    network, x = lenet()
    network.stages["fc2"].append(nn.MultiheadAttention(4, 1))
    assert class_map(network, x, "source") is None


def test_a_torchvision_network_has_one_as_large_as_its_last_maps():
    pair = pair_of((3, 96, 96), n=2)
    network = build_network("mobilenet_v2", pair, size=96)
    found, other = (
        class_map(network, torch.tensor(pair.source.x[:1]), "source", c) for c in (0, 1)
    )
    assert found is not None
    assert found.map.shape == (3, 3)
    assert not np.array_equal(found.map, other.map)
