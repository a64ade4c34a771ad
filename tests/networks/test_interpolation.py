"""The straight line between two networks: its ends, a convex case in closed form, and a barrier where there must be one."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import tltutor as tl
from tltutor.networks.interpolation import interpolated, loss_path


def network_and_pair(seed=0, **options):
    pair = tl.load_pair("blobs->rotated-blobs", seed=0, n_samples=300)
    return tl.build_network("mlp", pair, seed=seed, **{"width": 16} | options), pair


def train(network, pair, steps=150, seed=0):
    how = {"steps": steps, "seed": seed, "lr": 0.05, "device": "cpu"}
    list(tl.Session(pair, network, tl.objectives.SourceOnly(), **how))
    return network


def test_each_parameter_lies_on_the_line_and_the_ends_are_exact():
    (a, _), (b, _) = network_and_pair(0), network_and_pair(1)
    held = [copy.deepcopy(x.state_dict()) for x in (a, b)]
    for share in (0.0, 0.3, 1.0, 1.5):
        found = interpolated(a, b, share).state_dict()
        for name, value in found.items():
            if value.is_floating_point():
                wanted = (1 - share) * held[0][name] + share * held[1][name]
                torch.testing.assert_close(value, wanted)
    for end, share in ((a, 0), (b, 1)):
        between = interpolated(a, b, share).state_dict()
        assert all(torch.equal(between[n], v) for n, v in end.state_dict().items())
    for x, before in zip((a, b), held, strict=True):
        assert all(torch.equal(v, before[n]) for n, v in x.state_dict().items()), "neither changes"


def test_losses_and_scores_are_those_of_the_networks_in_between():
    (a, pair), (b, _) = network_and_pair(0), network_and_pair(1)
    x, y = pair.source_test.x, pair.source_test.y
    path = loss_path(a, b, x, y, shares=(0, 0.5, 1), domain="source")
    for share, loss, score in zip(path.shares, path.losses, path.scores, strict=True):
        z = interpolated(a, b, float(share)).eval().on("source")(torch.tensor(np.array(x)))[1]
        wanted = F.cross_entropy(z, torch.tensor(np.array(y))).detach()
        assert loss == pytest.approx(float(wanted), rel=1e-5)
        assert score == pytest.approx(float((z.argmax(1).numpy() == y).mean()))


def test_a_head_alone_has_a_convex_loss_and_so_no_barrier():
    (a, pair), _ = network_and_pair(0), None
    b = copy.deepcopy(a)
    with torch.no_grad():
        for p in b.head.parameters():
            p.add_(torch.randn(p.shape, generator=torch.Generator().manual_seed(0)) * 3)
    path = loss_path(a, b, pair.source_test.x, pair.source_test.y, shares=np.linspace(0, 1, 21))
    assert path.barrier == 0
    second = np.diff(path.losses, 2)
    assert second.min() > -1e-6


def renumbered(network):
    """The same function, its hidden units in another order."""
    twin = copy.deepcopy(network)
    first, second = [m for m in twin.modules() if isinstance(m, torch.nn.Linear)][:2]
    order = torch.randperm(first.out_features, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        first.weight.copy_(first.weight[order])
        first.bias.copy_(first.bias[order])
        second.weight.copy_(second.weight[:, order])
    return twin


def test_a_network_whose_units_are_renumbered_is_the_same_and_behind_a_barrier():
    network, pair = network_and_pair(0)
    train(network, pair)
    twin, data = renumbered(network), (pair.source_test.x, pair.source_test.y)
    away = loss_path(network, twin, *data, domain="source")
    assert away.losses[0] == pytest.approx(away.losses[-1], rel=1e-4)
    assert away.barrier > 0.1
    assert loss_path(network, network, *data, domain="source").barrier < 1e-6


@pytest.mark.slow
def test_fine_tuned_from_one_start_no_barrier_from_two_starts_one():
    """Neyshabur et al. (2020): networks that go on from one pretrained one share a basin."""
    for seed in range(3):
        start, pair = network_and_pair(seed)
        train(start, pair, 150, seed)
        one, other = (train(copy.deepcopy(start), pair, 150, 10 + k) for k in range(2))
        apart = [train(network_and_pair(100 + 2 * seed + k)[0], pair, 300, k) for k in range(2)]
        data = (pair.source_test.x, pair.source_test.y)
        near = loss_path(one, other, *data, domain="source").barrier
        far = loss_path(*apart, *data, domain="source").barrier
        assert near < 0.02
        assert far > near + 0.1


def test_networks_that_do_not_fit_are_refused():
    (a, pair), (wide, _) = network_and_pair(0), network_and_pair(0, width=8)
    with pytest.raises(ValueError, match="must have the same parameters to lie on one line"):
        interpolated(a, wide, 0.5)
    with pytest.raises(ValueError, match="name the same classes in the same order"):
        interpolated(a, a.with_head(("x", "y", "z")), 0.5)
    with pytest.raises(ValueError, match="shares must hold both ends, 0 and 1"):
        loss_path(a, a, pair.source.x, pair.source.y, shares=(0, 0.5))
