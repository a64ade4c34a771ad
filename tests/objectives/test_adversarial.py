"""Methods with an adversary, against closed forms, double loops and autograd: CDAN, MDD, MCD, ADDA."""

import math

import numpy as np
import pytest
import torch
from scipy.special import softmax
from test_objectives import make_batch, normal
from test_session import build, same, weights
from torch.nn import functional as F

import tltutor as tl
from tltutor.objectives import ADDA, CDAN, CDANE, MCD, MDD
from tltutor.objectives.cdan import multilinear, random_multilinear
from tltutor.objectives.entropy import entropy
from tltutor.objectives.mcd import discrepancy
from tltutor.objectives.mdd import disparity, log_otherwise


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def bound(objective, d=3, k=2, seed=0):
    """The objective, bound to a network of feature width d and a pair of k classes."""
    network = type("Wide", (), {"feature_width": d})()
    pair = type("Classes", (), {"class_names": tuple(map(str, range(k)))})()
    objective.setup(network, pair, rng(seed))
    return objective


def two_sides(n_s=5, n_t=7, d=3):
    return normal(n_s, d, seed=1).float().requires_grad_(), normal(
        n_t, d, 1.0, seed=2
    ).float().requires_grad_()


# --- CDAN


def test_the_multilinear_map_holds_every_product():
    f, g = normal(4, 3, seed=1), normal(4, 2, seed=2)
    wanted = [[float(f[n, i] * g[n, c]) for i in range(3) for c in range(2)] for n in range(4)]
    np.testing.assert_allclose(multilinear(f, g), wanted)


def test_the_random_map_keeps_inner_products_on_average():
    f, g, D = normal(2, 5, seed=1), normal(2, 3, seed=2), 200_000
    R_f, R_g = (
        torch.randn(5, D, generator=rng(1), dtype=f.dtype),
        torch.randn(3, D, generator=rng(2), dtype=f.dtype),
    )
    T, exact = random_multilinear(f, g, R_f, R_g), multilinear(f, g)
    np.testing.assert_allclose(T @ T.T, exact @ exact.T, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(("d", "randomized"), [(2048, False), (2049, True)])
def test_beyond_4096_products_random_ones_stand_for_all(d, randomized):
    cdan = bound(CDAN(products=16), d=d, k=2)
    assert cdan.randomized is randomized
    assert cdan.discriminator[0].in_features == (16 if randomized else d * 2)
    assert (
        "R_f" in cdan.state_dict()
    ) is randomized  # a saved run finds its own random products again
    fs, ft = torch.randn(3, d, generator=rng()), torch.randn(4, d, generator=rng(1))
    assert cdan(make_batch(fs, ft))["domain"].isfinite()


def test_the_random_products_come_from_the_given_stream_and_are_drawn_once():
    one, same, other = (bound(CDAN(products=16), d=2049, seed=s) for s in (0, 0, 1))
    assert torch.equal(one.R_f, same.R_f)
    assert not torch.equal(one.R_f, other.R_f)
    assert abs(float(one.R_f.std()) - 1) < 0.05
    before = one.R_f.clone()
    one(make_batch(torch.randn(3, 2049), torch.randn(3, 2049)))
    assert torch.equal(one.R_f, before)


def weighted_domain_loss(discriminator, fs, ft, w):
    f, z = torch.cat([fs, ft]), torch.cat([fs[:, :2], ft[:, :2]]).detach()
    logit = discriminator(multilinear(f, z.softmax(1))).squeeze(1)
    each = [math.log1p(math.exp(-v if i >= len(fs) else v)) for i, v in enumerate(logit.tolist())]
    return sum(a * b for a, b in zip(w, each, strict=True)) / len(each), logit


@pytest.mark.parametrize("cls", [CDAN, CDANE])
def test_cdans_loss_by_a_loop_and_its_gradient_is_reversed(cls):
    fs, ft = two_sides()
    cdan = bound(cls())
    weights = []
    for z in (fs[:, :2], ft[:, :2]):
        sure = [1 + math.exp(-h) for h in entropy(z).tolist()]
        weights += [s * len(sure) / sum(sure) if cls is CDANE else 1.0 for s in sure]
    terms = cdan(make_batch(fs, ft, 0.3))
    wanted, _ = weighted_domain_loss(cdan.discriminator, fs, ft, weights)
    assert terms["domain"].item() == pytest.approx(wanted, rel=1e-5)
    found = torch.autograd.grad(terms["domain"], [fs, ft])
    f, g = torch.cat([fs, ft]), torch.cat([fs[:, :2], ft[:, :2]]).detach().softmax(1)
    is_target = torch.tensor([0.0] * 5 + [1.0] * 7)
    logit = cdan.discriminator(multilinear(f, g)).squeeze(1)
    plain = F.binary_cross_entropy_with_logits(logit, is_target, weight=torch.tensor(weights))
    for mine, theirs in zip(found, torch.autograd.grad(plain, [fs, ft]), strict=True):
        torch.testing.assert_close(mine, -0.3 * theirs)


def test_cdan_tells_apart_what_only_predictions_tell_apart():
    """Like features, other answers: DANN's discriminator can see nothing, CDAN's can."""
    fs = normal(200, 3, seed=1).float()
    fs[:, :2] = torch.tensor([4.0, -4.0])
    batch = make_batch(fs, fs.clone())
    object.__setattr__(batch, "zt", -batch.zs)
    cdan = bound(CDAN())
    optimizer = torch.optim.Adam(cdan.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        loss = cdan(batch)["domain"]
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1 < math.log(2)


# --- MDD


def test_log_otherwise_is_the_logarithm_of_the_other_probabilities():
    z, y = normal(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    p = softmax(z.numpy(), axis=1)
    np.testing.assert_allclose(
        log_otherwise(z, y), [math.log(1 - p[i, c]) for i, c in enumerate(y)]
    )
    sure = torch.tensor([[300.0, 0.0, -5.0]], requires_grad=True)
    value = log_otherwise(sure, torch.tensor([0]))
    value.sum().backward()
    assert value.item() == pytest.approx(-300, abs=0.01)
    assert sure.grad.isfinite().all()


def test_the_disparity_equals_a_loop():
    z_adv, z = (
        (normal(5, 3, seed=1), normal(7, 3, seed=2)),
        (normal(5, 3, seed=3), normal(7, 3, seed=4)),
    )
    p_s, p_t = (softmax(a.numpy(), axis=1) for a in z_adv)
    y_s, y_t = (a.argmax(1).tolist() for a in z)
    on_source = sum(-math.log(p_s[i, y]) for i, y in enumerate(y_s)) / 5
    on_target = sum(-math.log(1 - p_t[i, y]) for i, y in enumerate(y_t)) / 7
    assert float(disparity(*z_adv, head_s=z[0], head_t=z[1], margin=4.0)) == pytest.approx(
        4 * on_source + on_target
    )


def test_on_matched_domains_the_best_adversary_agrees_with_gamma_over_one_plus_gamma():
    """min over p of -gamma log p - log(1 - p), as the paper's analysis has it."""
    gamma, bias = 4.0, torch.zeros(1, 2, dtype=torch.float64, requires_grad=True)
    head = torch.tensor([[1.0, 0.0]]).expand(6, 2)
    optimizer = torch.optim.LBFGS([bias], lr=1, max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = disparity(
            bias.expand(6, 2), bias.expand(6, 2), head_s=head, head_t=head, margin=gamma
        )
        value.backward()
        return value

    optimizer.step(loss)
    assert bias.softmax(1)[0, 0].item() == pytest.approx(gamma / (1 + gamma), abs=1e-4)


def test_mdds_features_climb_what_the_adversary_descends():
    fs, ft = two_sides()
    mdd = bound(MDD(margin=2.0))
    found = torch.autograd.grad(
        mdd(make_batch(fs, ft, 0.3))["disparity"], [fs, ft, mdd.adversary[0].weight]
    )
    plain = disparity(
        mdd.adversary(fs), mdd.adversary(ft), head_s=fs[:, :2], head_t=ft[:, :2], margin=2.0
    )
    of_s, of_t, of_adversary = torch.autograd.grad(plain, [fs, ft, mdd.adversary[0].weight])
    torch.testing.assert_close(found, (-0.3 * of_s, -0.3 * of_t, of_adversary))


def test_mdd_of_one_class_says_what_to_use():
    with pytest.raises(ValueError, match="at least 2 classes to disagree about, got 1: use DANN"):
        bound(MDD(), k=1)


@pytest.mark.parametrize("cls", [CDAN, CDANE, MDD])
def test_the_reversal_follows_danns_schedule(cls):
    ramp = {"ramp": 3.0} if cls is MDD else {"gamma": 3.0}
    assert cls(**ramp).schedule(0.5) == pytest.approx(2 / (1 + math.exp(-1.5)) - 1)
    assert tl.objective_names().count(cls.name) == 1


# --- MCD


def in_phase(batch, phase):
    object.__setattr__(batch, "phase", phase)
    return batch


def test_the_discrepancy_equals_a_loop():
    z1, z2 = normal(5, 3, seed=1), normal(5, 3, seed=2)
    p1, p2 = softmax(z1.numpy(), axis=1), softmax(z2.numpy(), axis=1)
    assert float(discrepancy(z1, z2)) == pytest.approx(
        sum(abs(a - b) for a, b in zip(p1.flat, p2.flat, strict=True)) / 15
    )


def test_mcds_three_phases_have_the_papers_losses():
    fs, ft = two_sides()
    mcd = bound(MCD())
    z2s, z2t = mcd.second(fs), mcd.second(ft)
    tasks = (
        F.cross_entropy(fs[:, :2], torch.zeros(5, dtype=torch.int64)),
        F.cross_entropy(z2s, torch.zeros(5, dtype=torch.int64)),
    )
    apart = 0.3 * discrepancy(ft[:, :2], z2t)
    wanted = {"learn": sum(tasks), "disagree": sum(tasks) - apart, "agree": apart}
    for phase, loss in wanted.items():
        torch.testing.assert_close(
            sum(mcd(in_phase(make_batch(fs, ft, 0.3), phase)).values()), loss
        )


def parts_that_move(session):
    """For each update of a step: which of body, head and the objective's own parts had a gradient."""
    seen, modules = (
        [],
        {
            "body": session.network.stages,
            "head": session.network.head,
            "objective": session.objective,
        },
    )
    session.optimizer.register_step_pre_hook(
        lambda *_: seen.append(
            {part for part, m in modules.items() if any(p.grad is not None for p in m.parameters())}
        )
    )
    return seen


def test_mcd_trains_all_then_the_heads_then_the_body_four_times():
    session = build("mcd")
    seen = parts_that_move(session)
    session.step()
    assert seen == [{"body", "head", "objective"}, {"head", "objective"}] + [{"body"}] * 4


# --- ADDA


def test_adda_learns_the_source_first_and_then_critic_and_body_take_turns():
    session = build(ADDA(source_share=0.5), steps=6)
    seen = parts_that_move(session)
    facts = list(session)
    assert seen == [{"body", "head"}] * 3 + [{"objective"}, {"body"}] * 3
    assert [list(fact.losses) for fact in facts[:-1]] == [["task"]] * 3 + [
        ["discriminator", "fool"]
    ] * 3


def test_addas_source_encoder_is_the_network_as_the_first_chapter_left_it():
    session = build(ADDA(source_share=0.5), steps=6)
    for _ in range(3):
        session.step()
    held = weights(session)
    for _ in range(3):
        session.step()
    kept = dict(
        session.objective.source_encoder.require_network().named_parameters()
    )  # BatchNorm has seen one batch more
    assert same(kept, {name: held[name] for name in kept})
    assert not same(weights(session), held)
    assert torch.equal(session.network.head.weight, held["head.weight"])


def test_adda_without_a_first_chapter_starts_from_the_network_it_is_given():
    session = build(ADDA(source_share=0.0), steps=6)
    held = weights(session)
    list(session)
    assert same(session.objective.source_encoder.require_network().state_dict(), held)


def test_a_run_taken_up_in_addas_second_chapter_keeps_its_source_encoder():
    one, other = build("adda", steps=6), build("adda", steps=6)
    for _ in range(4):
        one.step()
    other.restore(one.state())
    list(one), list(other)
    assert same(weights(one), weights(other))
    assert same(
        one.objective.source_encoder.require_network().state_dict(),
        other.objective.source_encoder.require_network().state_dict(),
    )


def test_addas_critic_and_encoder_want_opposite_answers_for_the_target():
    fs, ft = two_sides()
    adda = ADDA()
    adda.discriminator, adda.is_copied = torch.nn.Linear(3, 1), True
    adda.source_encoder = lambda x, domain: type("Outputs", (), {"f": 2 * x, "asked": domain})
    logit_s, logit_t = adda.discriminator(2 * fs).squeeze(1), adda.discriminator(ft).squeeze(1)
    discriminator = (F.softplus(logit_s).sum() + F.softplus(-logit_t).sum()) / 12
    torch.testing.assert_close(
        adda(in_phase(make_batch(fs, ft, 0.3), "discriminator"))["discriminator"], discriminator
    )
    fool = 0.3 * F.softplus(logit_t).mean()
    torch.testing.assert_close(adda(in_phase(make_batch(fs, ft, 0.3), "encoder"))["fool"], fool)
