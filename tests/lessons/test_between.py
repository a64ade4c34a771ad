"""The way between two networks on a board: where it stands, what its term is, and that nothing trains."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from test_session import build, image_pair

from tltutor.events import Stepped
from tltutor.lessons import Between


def all_weights(network: Any) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def two_networks() -> tuple[Any, Any, Any]:
    """A pair, an untrained network, and the same after some steps."""
    pair = image_pair(n=60)
    session = build("source-only", pair=pair, steps=20)
    start = copy.deepcopy(session.network)
    list(session)
    return pair, start, session.network


def test_the_network_stands_where_the_share_says_and_the_term_is_the_distance() -> None:
    pair, start, end = two_networks()
    session = build(Between(end), pair=pair, network=copy.deepcopy(start), steps=11, weight=1.0)
    first, last = all_weights(start), all_weights(end)
    for tenth in range(11):
        (told,) = [f for f in session.step() if isinstance(f, Stepped)]
        here = all_weights(session.network)
        torch.testing.assert_close(here, first + tenth / 10 * (last - first))
        way = 0.5 * float((here - first).square().sum())
        assert told.losses["distance from the start"] == pytest.approx(way, rel=1e-4)
        assert told.effective["weight"] == pytest.approx(tenth / 10)
    state = session.network.state_dict()
    counted = {name: value for name, value in end.state_dict().items() if value.ndim}
    assert all(torch.equal(state[name], value) for name, value in counted.items())


def test_a_run_that_does_not_walk_stands_at_the_slider() -> None:
    pair, start, end = two_networks()
    one = build(
        Between(end, walk=False), pair=pair, network=copy.deepcopy(start), steps=4, weight=0.5
    )
    seen = []
    for share in (0.5, 0.25, 0.0):
        one.set(weight=share)
        one.step()
        seen.append(copy.deepcopy(one.network.state_dict()))
    mean, mark = seen[0]["head.weight"], start.head.weight
    torch.testing.assert_close(mean, (start.head.weight + end.head.weight) / 2)
    torch.testing.assert_close(seen[1]["head.weight"], (mean + mark) / 2)
    assert all(torch.equal(seen[2][name], value) for name, value in start.state_dict().items())


def test_the_end_is_a_copy_and_no_weight_of_it_trains() -> None:
    pair, start, end = two_networks()
    walk = Between(end)
    with torch.no_grad():
        end.head.weight.zero_()
    assert list(walk.parameters()) == []
    session = build(walk, pair=pair, network=copy.deepcopy(start), steps=11)
    list(session)
    assert float(session.network.head.weight.abs().sum()) > 0


def test_a_network_of_another_shape_is_refused_before_the_run() -> None:
    pair, start, end = two_networks()
    with pytest.raises(ValueError, match="name the same classes in the same order"):
        build(Between(end.with_head(("x", "y", "z"))), pair=pair, network=start)
