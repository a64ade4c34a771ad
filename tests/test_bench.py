"""The benchmark measures what it says: the hand-written loop does the session's work, ratios are medians of neighbours."""

import math
from itertools import islice

import numpy as np
import torch

import tltutor as tl
from tltutor.bench import headless, plain
from tltutor.objectives import DANN


def pair():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (40, 3, 28, 28), dtype=np.uint8), np.arange(40) % 10
    return tl.DomainPair(tl.Domain("s", x, y), tl.Domain("t", x))


def test_the_reference_is_the_same_network_with_the_same_first_loss():
    ours = tl.build_network("lenet", pair(), seed=0)
    body, head = plain.lenet(3, 10)
    count = sum(p.numel() for p in ours.parameters())
    assert count == sum(p.numel() for part in (body, head) for p in part.parameters())
    values = list(ours.parameters())
    with torch.no_grad():
        for mine, theirs in zip(values, (*body.parameters(), *head.parameters()), strict=True):
            theirs.copy_(mine)
    x = torch.tensor(pair().source.x[:8])
    torch.testing.assert_close(head(body((x.float() / 255 - 0.5) / 0.5)), ours(x)[1])


def test_the_reference_trains():
    losses = list(islice(plain.steps(pair(), batch_size=8, total=30), 30))
    assert len(losses) == 30
    assert all(map(math.isfinite, losses))
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_the_reversal_of_the_reference_is_the_packages():
    x = torch.randn(3, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    plain.Reverse.apply(x, 0.3).square().sum().backward()
    torch.testing.assert_close(x.grad, -0.3 * 2 * x.detach())


def test_ratios_are_medians_of_neighbours():
    one, other = iter([1.0, 20.0, 3.0]), iter([2.0, 10.0, 3.0])
    figures = headless.ratio_of_turns(lambda: next(one), lambda: next(other), turns=3)
    assert figures == {"ratio": 1.0, "ratios": [0.5, 2.0, 1.0], "steps_per_s": [3.0, 3.0]}


def test_the_session_that_is_measured_is_danns():
    session = headless.new_session()
    assert isinstance(session.objective, DANN)
    assert session.batch_size == headless.BATCH
    assert len(session.look_points.labels) == headless.POINTS
