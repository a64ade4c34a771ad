"""Two-level DANN against loops: both levels' losses, their agreement, and what reaches the features of a detector's map."""

import math

import pytest
import torch

from tltutor.objectives import Batch, TwoLevelDANN
from tltutor.objectives.two_level_dann import disagreement, part_loss
from tltutor.tasks import Detection

K, WIDTH, SIDE = 2, 3, 4
N_S, N_T = 2, 3


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def bound(**settings):
    objective = TwoLevelDANN(**settings)
    sizes = {"feature_width": WIDTH * SIDE**2, "head_width": WIDTH, "task": Detection(8)}
    objective.setup(type("Detector", (), sizes)(), None, rng())
    return objective


def batch(f, weight=1.0):
    z = torch.randn(N_S + N_T, K + 5, SIDE, SIDE, generator=rng(1))
    y = torch.tensor([[[2.0, 2, 20, 20, 1]], [[8.0, 8, 30, 30, 0]]])
    empty = torch.empty(0)
    return Batch(
        xs=empty,
        ys=y,
        xt=empty,
        fs=f[:N_S],
        ft=f[N_S:],
        zs=z[:N_S],
        zt=z[N_S:],
        weight=weight,
        progress=0.5,
        network=None,
        task=Detection(8),
    )


def features():
    return torch.randn(N_S + N_T, WIDTH * SIDE**2, generator=rng(2)).requires_grad_()


def entropy(logit, of_target):
    p = 1 / (1 + math.exp(-logit))
    return -math.log(p if of_target else 1 - p)


def test_each_part_of_an_image_has_the_images_domain():
    z = torch.randn(3, 4, generator=rng())
    wanted = [entropy(float(z[i, p]), i >= 1) for i in range(3) for p in range(4)]
    assert float(part_loss(z, 1)) == pytest.approx(sum(wanted) / 12, rel=1e-5)


def test_disagreement_is_between_the_mean_over_cells_and_each_region():
    cells, regions = torch.randn(2, 5, generator=rng()), torch.randn(2, 3, generator=rng(1))
    means = cells.sigmoid().mean(1)
    wanted = [abs(float(means[i] - regions[i, r].sigmoid())) for i in range(2) for r in range(3)]
    assert float(disagreement(cells, regions)) == pytest.approx(sum(wanted) / 6, rel=1e-5)
    assert float(disagreement(torch.full((2, 4), 0.7), torch.full((2, 3), 0.7))) < 1e-6


def test_its_terms_are_those_of_cells_and_of_regions():
    objective, f, weight = bound(regions=0.5, agreement=2.0), features(), 0.3
    given = batch(f, weight)
    terms = objective(given)
    task, z = given.task, torch.cat([given.zs, given.zt])
    z_cells = objective.discriminator(task.cells(f, z)).squeeze(2)
    z_regions = objective.region_discriminator(task.regions(f, z)).squeeze(2)
    assert z_cells.shape == (N_S + N_T, SIDE**2)
    assert tuple(terms) == objective.terms
    torch.testing.assert_close(terms["cells"], part_loss(z_cells, N_S))
    torch.testing.assert_close(terms["regions"], 0.5 * part_loss(z_regions, N_S))
    torch.testing.assert_close(terms["agreement"], 2 * weight * disagreement(z_cells, z_regions))


@pytest.mark.parametrize("term", ["cells", "regions"])
def test_features_get_the_reversed_gradient_and_lambda_scales_theirs_alone(term):
    def gradients(weight):
        objective, f = bound(), features()
        objective(batch(f, weight))[term].backward()
        judge = objective.discriminator if term == "cells" else objective.region_discriminator
        return f.grad, [p.grad for p in judge.parameters()]

    objective, f = bound(), features()
    given = batch(f)
    judge, parts = (
        (objective.discriminator, given.task.cells)
        if term == "cells"
        else (objective.region_discriminator, given.task.regions)
    )
    z = torch.cat([given.zs, given.zt])
    part_loss(judge(parts(f, z)).squeeze(2), N_S).backward()
    once, judges_1 = gradients(1.0)
    thrice, judges_3 = gradients(3.0)
    assert f.grad.abs().max() > 0
    torch.testing.assert_close(once, -f.grad)
    torch.testing.assert_close(thrice, -3 * f.grad)
    for a, b, own in zip(judges_1, judges_3, judge.parameters(), strict=True):
        assert torch.equal(a, b)
        torch.testing.assert_close(a, own.grad)


def test_its_opinion_of_an_image_is_the_mean_over_the_cells():
    objective, f = bound(), features()
    given = batch(f)
    z = objective.discriminator(given.task.cells(f, torch.cat([given.zs, given.zt])))
    torch.testing.assert_close(objective.domain_opinion(given), z.sigmoid().mean((1, 2)))
