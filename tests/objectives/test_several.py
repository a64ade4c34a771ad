"""Several sources, tasks or label sets, and a few target labels: M3SDA, multi-task, PADA, MME."""

import copy
import math
import warnings
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from test_objectives import normal
from test_session import build, image_pair, same, weights
from torch.nn import functional as F

import tltutor as tl
from tltutor.events import Stepped
from tltutor.objectives import SourceOnly, build_objective
from tltutor.objectives.entropy import entropy
from tltutor.objectives.m3sda import moment_distance
from tltutor.objectives.multi_task import reconstructed, uncertainty_weighted
from tltutor.objectives.pada import class_weights, weighted_task

# --- several sources


def test_joined_domains_remember_whose_each_example_is():
    a, b = image_pair().source, image_pair(seed=1).source.take(np.arange(7))
    both = tl.Domain.joined(a, b)
    assert both.name == "s+s"
    np.testing.assert_array_equal(both.domain_id, [0] * 40 + [1] * 7)
    np.testing.assert_array_equal(both.x[40:], b.x)
    np.testing.assert_array_equal(both.take(np.array([46, 0])).domain_id, [1, 0])
    np.testing.assert_array_equal(both.without_labels().domain_id, both.domain_id)
    assert tl.Domain.joined(a, b, name="two").name == "two"
    with pytest.raises(
        ValueError, match=r"must have labels of the same class_names, got 's' with no labels"
    ):
        tl.Domain.joined(a.without_labels())
    with pytest.raises(ValueError, match="same class_names, got none"):
        tl.Domain.joined()
    with pytest.raises(ValueError, match="one label an example"):
        replace(both, domain_id=np.zeros(3, int))


class Listening(SourceOnly):
    """Keeps what it was told of where the examples come from."""

    name = "listening"

    def forward(self, batch):
        self._heard = batch
        return super().forward(batch)


def test_the_session_tells_which_source_each_example_is_from():
    pair = image_pair()
    marked = replace(
        pair.source,
        x=np.where(np.arange(40)[:, None, None, None] < 25, pair.source.x / 2, 1.0).astype(
            np.float32
        ),
    )
    pair = replace(pair, source=replace(marked, domain_id=(np.arange(40) >= 25).astype(int)))
    session = build(Listening(), pair=pair)
    session.step()
    batch = session.objective._heard
    assert torch.equal(batch.domain_id, (batch.xs.flatten(1).min(1).values == 1).long())
    assert 0 < batch.domain_id.sum() < 12


def test_without_several_sources_all_come_from_the_first():
    session = build(Listening())
    session.step()
    assert torch.equal(session.objective._heard.domain_id, torch.zeros(12, dtype=torch.int64))


def test_the_moment_distance_equals_loops():
    sources, ft = (
        [normal(n, 3, i, 1 + i, seed=i) for i, n in enumerate((4, 6, 5))],
        normal(7, 3, seed=9),
    )
    total = 0.0
    for k in (1, 2):
        m, t = [(f.numpy() ** k).mean(0) for f in sources], (ft.numpy() ** k).mean(0)
        total += np.mean([np.linalg.norm(a - t) for a in m]) + np.mean(
            [np.linalg.norm(a - b) for a, b in combinations(m, 2)]
        )
    assert float(moment_distance(sources, ft)) == pytest.approx(total)


def test_one_source_is_matched_to_the_target_alone_and_equal_ones_give_no_broken_gradient():
    f, ft = normal(4, 3), normal(5, 3, 1.0, seed=2)
    plain = (f.mean(0) - ft.mean(0)).norm() + (f.square().mean(0) - ft.square().mean(0)).norm()
    assert float(moment_distance([f], ft)) == pytest.approx(float(plain))
    f = f.requires_grad_()
    moment_distance([f, f], f).backward()
    assert f.grad.isfinite().all()


def test_m3sda_splits_the_batch_by_origin():
    pair = image_pair()
    pair = replace(pair, source=tl.Domain.joined(pair.source, image_pair(seed=3).source))

    class Both(Listening):
        batches = frozenset({"source", "target"})
        batchnorm = None

    session, twin = build("m3sda", pair=pair, weight=0.5), build(Both(), pair=pair)
    told = session.step()[0].losses
    twin.step()
    batch = twin.objective._heard
    wanted = moment_distance(
        [batch.fs[batch.domain_id == 0], batch.fs[batch.domain_id == 1]], batch.ft
    )
    assert told["moments"] == pytest.approx(0.5 * float(wanted.detach()), rel=1e-5)


# --- several tasks


@pytest.mark.parametrize(("kind", "best"), [("classification", 2.0), ("regression", 1.0)])
def test_the_best_uncertainty_of_a_loss_is_in_closed_form(kind, best):
    """d/ds: exp(-s) L = 1/2 for a cross-entropy, so sigma^2 = 2 L; for a mean squared error sigma^2 = L, as in any Gaussian fit."""
    L, s = torch.tensor(0.37), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([s], max_iter=100, tolerance_grad=1e-10)

    def closure():
        optimizer.zero_grad()
        value = uncertainty_weighted(L, s[0], kind)
        value.backward()
        return value

    optimizer.step(closure)
    assert float(s.detach().exp()) == pytest.approx(best * 0.37, rel=1e-3)


def test_uncertain_regression_is_torchs_gaussian_likelihood():
    y, y_hat, s = normal(9, 1, seed=1), normal(9, 1, seed=2), torch.tensor(0.3).double()
    peer = F.gaussian_nll_loss(y_hat, y, s.exp().expand_as(y))
    assert float(uncertainty_weighted(F.mse_loss(y_hat, y), s, "regression")) == pytest.approx(
        float(peer)
    )


def test_fixed_weights_and_lambda_zero():
    told = [build("multi-task", weight=w).step()[0].losses for w in (1.0, 0.25)]
    assert told[1]["reconstruction"] == pytest.approx(told[0]["reconstruction"] / 4, rel=1e-5)
    assert told[1]["task"] == told[0]["task"]
    one, two = build("multi-task", weight=0), build("source-only-target-bn")
    list(one), list(two)
    assert same(weights(one), weights(two))


def test_uncertainties_are_learned_and_fixed_ones_are_not():
    session = build(build_objective("multi-task", weighting="uncertainty"))
    told = session.step()[0].losses
    plain = build("multi-task").step()[0].losses
    s = -np.log(0.1)
    assert told["task"] == pytest.approx(plain["task"], rel=1e-5)
    assert told["reconstruction"] == pytest.approx(
        0.5 * np.exp(s) * plain["reconstruction"] - s / 2, rel=1e-4
    )
    assert not torch.equal(session.objective.s, torch.tensor([0.0, -s]))
    fixed = build("multi-task")
    fixed.step()
    torch.testing.assert_close(
        fixed.objective.s.detach(), torch.tensor([0.0, np.log(0.1)], dtype=torch.float32)
    )


def test_small_images_are_reconstructed_as_large_as_they_are():
    x, takes_all = torch.rand(3, 1, 12, 12), SimpleNamespace(inputs=lambda x: x)
    assert torch.equal(reconstructed(takes_all, x), x.flatten(1))


def test_what_is_redrawn_is_small_and_as_the_network_sees_it():
    pair = tl.load_pair("digits->photo-digits")
    network = tl.build_network("lenet", pair)
    x = torch.tensor(pair.source.x[:3])
    wanted = F.adaptive_avg_pool2d(network.inputs(x), 16).flatten(1)
    torch.testing.assert_close(reconstructed(network, x), wanted)
    vectors = tl.load_pair("blobs->rotated-blobs", n_samples=30)
    network = tl.build_network("mlp", vectors)
    torch.testing.assert_close(
        reconstructed(network, torch.tensor(vectors.source.x)), torch.tensor(vectors.source.x)
    )


# --- partial label sets


def test_class_weights_are_shares_over_the_largest():
    np.testing.assert_allclose(class_weights(torch.tensor([0.5, 0.25, 0.0])), [1, 0.5, 0])


def test_the_weighted_task_equals_a_loop():
    z, y, w = normal(6, 3), torch.tensor([0, 1, 2, 2, 1, 0]), torch.tensor([1.0, 0.5, 0.0]).double()
    by_loop = (
        sum(
            float(w[c]) * float(-F.log_softmax(zi, 0)[c])
            for zi, c in zip(z, y.tolist(), strict=True)
        )
        / 6
    )
    assert float(weighted_task(z, y, w)) == pytest.approx(by_loop)


def test_padas_weights_follow_the_targets_answers():
    session = build(build_objective("pada", memory=0.9), steps=3)
    share = torch.full((3,), 1 / 3)
    twin = build("dann", steps=3)
    z = []
    twin.objective.register_forward_pre_hook(lambda _, args: z.append(args[0].zt.detach()))
    twin.step()
    session.step()
    share = 0.9 * share + 0.1 * z[0].softmax(1).mean(0)
    torch.testing.assert_close(session.objective.share, share)
    assert not session.objective.share.requires_grad


def test_source_examples_of_unlikely_classes_leave_task_and_discriminator():
    objective = build_objective("pada", memory=1 - 1e-4)
    session = build(objective)
    objective.share = torch.tensor([1.0, 0.0, 0.0])
    heard = []
    objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    session.step()
    batch = heard[0]
    twin = copy.deepcopy(build(build_objective("pada")).objective)
    logit = twin.discriminator(torch.cat([batch.fs, batch.ft])).squeeze(1).detach()
    w = torch.cat([(batch.ys == 0).float(), torch.ones(len(batch.ft))])
    is_target = (torch.arange(len(logit)) >= len(batch.fs)).float()
    wanted = (w * F.binary_cross_entropy_with_logits(logit, is_target, reduction="none")).mean()
    objective.share = torch.tensor([1.0, 0.0, 0.0])
    told = objective(batch)
    assert float(told["domain"].detach()) == pytest.approx(
        float(wanted), rel=0.05
    )  # the discriminator has moved by one step
    ours = batch.ys == 0
    task = F.cross_entropy(batch.zs[ours], batch.ys[ours], reduction="sum") / len(batch.ys)
    assert float(told["task"].detach()) == pytest.approx(float(task.detach()), rel=1e-2)


def accuracy_on_two_of_three_classes(name, seed):
    pair = tl.load_pair("blobs->rotated-blobs", seed=seed, angle=30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target, test = (d.take(d.y != 2) for d in (pair.target, pair.target_test))
        pair = replace(pair, target=target, target_test=test)
    session = tl.Session(
        pair,
        tl.build_network("mlp", pair, seed=seed),
        build_objective(name),
        steps=600,
        seed=seed,
        device="cpu",
    )
    list(session)
    return session.evaluate()["target_accuracy"], session


@pytest.mark.slow
def test_where_the_target_lacks_a_class_dann_falls_below_source_only_and_pada_does_not():
    runs = {
        name: [accuracy_on_two_of_three_classes(name, seed) for seed in range(3)]
        for name in ("source-only", "dann", "pada")
    }
    plain, dann, pada = (
        np.mean([accuracy for accuracy, _ in of_name]) for of_name in runs.values()
    )
    assert dann < plain - 0.02
    assert pada > plain + 0.02
    for _, session in runs["pada"]:
        assert session.objective.share[2] < 0.3 * session.objective.share[:2].min()


# --- a few target labels


def test_mme_adds_the_labeled_and_subtracts_lambda_times_the_entropy():
    pair = image_pair().with_target_labels(3)
    session = build("mme", pair=pair, weight=0.4)
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    told = session.step()[0].losses
    batch = heard[0]
    n_s, n_l = len(batch.ys), len(batch.labeled.y)
    each = F.cross_entropy(batch.zs, batch.ys), F.cross_entropy(batch.labeled.z, batch.labeled.y)
    assert told["task"] == pytest.approx(
        float(((n_s * each[0] + n_l * each[1]) / (n_s + n_l)).detach()), rel=1e-5
    )
    assert told["minus entropy"] == pytest.approx(
        -0.4 * float(entropy(batch.zt).mean().detach()), rel=1e-5
    )


def test_mmes_head_climbs_the_entropy_and_its_features_descend():
    session = build("mme", pair=image_pair().with_target_labels(3), weight=0.4)
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    session._descend = lambda *_: None
    session.step()
    batch, head = heard[0], session.network.head
    term = session.objective(batch)["minus entropy"]
    h = batch.ht["fc2"]
    found = torch.autograd.grad(term, [h, head.weight], retain_graph=True)
    H = entropy(head(h)).mean()
    wanted = torch.autograd.grad(H, [h, head.weight])
    torch.testing.assert_close(found[0], 0.4 * wanted[0])  # descending it makes H small
    torch.testing.assert_close(found[1], -0.4 * wanted[1])  # descending it makes H large


def test_mme_at_lambda_zero_learns_from_both_labeled_sets():
    pair = image_pair().with_target_labels(3)
    steps = [
        f for f in build("mme", pair=pair, weight=0, steps=60, lr=0.05) if isinstance(f, Stepped)
    ]
    assert steps[-1].losses["task"] < 0.5 * steps[0].losses["task"]


# --- several labeled tasks on one trunk


def two_sources():
    """Images of two sources, and a target with a few labels."""
    a, b = image_pair().source, image_pair(seed=1).source
    pair = replace(image_pair(seed=2), source=tl.Domain.joined(a, b, name="s"))
    return pair.with_target_labels(3)


def test_each_source_has_a_head_of_its_own_and_the_target_the_networks():
    session = build("shared-trunk", pair=two_sources(), weight=0.4)
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    session._descend = lambda *_: None
    losses = session.step()[0].losses
    batch, heads = heard[0], session.objective.heads
    assert len(heads) == 2
    h = batch.hs["fc2"]
    each = [
        F.cross_entropy(heads[i](h[batch.domain_id == i]), batch.ys[batch.domain_id == i])
        for i in (0, 1)
    ]
    assert losses["source tasks"] == pytest.approx(0.4 * float(sum(each).detach()) / 2, rel=1e-5)
    wanted = F.cross_entropy(batch.labeled.z, batch.labeled.y)
    assert losses["task"] == pytest.approx(float(wanted.detach()), rel=1e-5)
    terms = session.objective(batch)
    own, foreign = [session.network.head.weight], list(heads[0].parameters())
    assert torch.autograd.grad(
        terms["source tasks"], own, retain_graph=True, allow_unused=True
    ) == (None,)
    assert torch.autograd.grad(terms["task"], foreign, allow_unused=True) == (None, None)


def test_a_source_may_be_asked_only_whether_the_number_of_its_class_is_odd():
    asked = build_objective("shared-trunk", source_task="odd-or-even")
    session = build(asked, pair=two_sources(), weight=0.4)
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    session._descend = lambda *_: None
    losses = session.step()[0].losses
    (batch,), heads = heard, session.objective.heads
    assert set(batch.ys.tolist()) == {0, 1, 2}
    each = []
    for i in (0, 1):
        rows = batch.domain_id == i
        odd = torch.tensor([{0: 0, 1: 1, 2: 0}[y] for y in batch.ys[rows].tolist()])
        each.append(F.cross_entropy(heads[i](batch.hs["fc2"][rows]), odd))
    assert losses["source tasks"] == pytest.approx(0.4 * float(sum(each).detach()) / 2, rel=1e-5)


def test_uncertain_tasks_are_weighted_by_their_noise():
    session = build(build_objective("shared-trunk", weighting="uncertainty"), pair=two_sources())
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    session._descend = lambda *_: None
    with torch.no_grad():
        session.objective.s.copy_(torch.tensor([0.3, -0.2, 0.5]))
    losses = session.step()[0].losses
    batch, raw = heard[0], session.objective.source_losses(heard[0])
    by_hand = sum(math.exp(-s) * float(raw[i].detach()) + s / 2 for i, s in ((0, -0.2), (1, 0.5)))
    assert losses["source tasks"] == pytest.approx(by_hand, rel=1e-5)
    task = float(F.cross_entropy(batch.labeled.z, batch.labeled.y).detach())
    assert losses["task"] == pytest.approx(math.exp(-0.3) * task + 0.15, rel=1e-5)


def trunk_accuracy(seed, weight):
    """Five labels a class of handwritten digits, with printed digits as a second task beside them or without."""
    pair = tl.load_pair("printed->digits", seed=seed, size=16)
    network = tl.build_network("lenet", pair, seed=seed, channels=(8, 16), width=32)
    how = {"steps": 300, "batch_size": 32, "lr": 0.02, "device": "cpu", "seed": seed}
    session = tl.Session(pair, network, build_objective("shared-trunk"), weight=weight, **how)
    list(session)
    return session.evaluate()["target_accuracy"]


@pytest.mark.slow
def test_a_second_task_may_harm_as_the_docstring_says():
    harms = [trunk_accuracy(seed, 0.0) - trunk_accuracy(seed, 1.0) for seed in range(3)]
    assert min(harms) > 0
    assert np.mean(harms) > 0.03
