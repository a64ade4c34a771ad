"""Distances between domains against double loops, scipy, POT and closed forms; what each method makes of them."""

import itertools
import math

import numpy as np
import ot
import pytest
import torch
from scipy.linalg import logm
from scipy.special import log_softmax
from scipy.stats import moment, wasserstein_distance
from test_objectives import make_batch, normal
from test_session import build

from tltutor.objectives import CMD, DAN, DANN, JAN, LMMD, WDGRL, DeepJDOT, HoMM, LogCORAL
from tltutor.objectives.cmd import cmd
from tltutor.objectives.dan import last_layers
from tltutor.objectives.deep_jdot import joint_costs, transport_plan
from tltutor.objectives.homm import bounded, moment_difference, moment_entries
from tltutor.objectives.jan import joint_kernel
from tltutor.objectives.kernels import kernel_of_widths, median_distance, squared_distances
from tltutor.objectives.lmmd import local_mmd2
from tltutor.objectives.log_coral import log_coral_distance, matrix_log
from tltutor.objectives.mmd import mmd2, mmd2_of_kernel
from tltutor.objectives.wdgrl import gradient_penalty, points_between, wasserstein


def two_sides(n_s=6, n_t=8, d=3):
    return normal(n_s, d, seed=1), normal(n_t, d, 0.7, 1.5, seed=2)


def with_layers(fs, ft, **layers):
    """A batch whose stages have these outputs of (source, target)."""
    batch = make_batch(fs, ft)
    object.__setattr__(batch, "hs", {name: s for name, (s, _) in layers.items()})
    object.__setattr__(batch, "ht", {name: t for name, (_, t) in layers.items()})
    return batch


# --- kernels of several widths


@pytest.mark.parametrize(
    ("count", "factors"), [(1, [1.0]), (2, [0.5**0.5, 2**0.5]), (5, [0.25, 0.5, 1, 2, 4])]
)
def test_the_squares_of_the_widths_double_around_the_median(count, factors):
    x = normal(7, 3)
    d2 = squared_distances(x)
    sigma2 = float(median_distance(d2)) ** 2
    wanted = np.mean([np.exp(-d2.numpy() / (2 * sigma2 * factor)) for factor in factors], axis=0)
    np.testing.assert_allclose(kernel_of_widths(x, count), wanted)


# --- DAN


@pytest.mark.parametrize("cls", [DAN, JAN])
def test_one_example_a_side_is_refused_with_a_remedy(cls):
    with pytest.raises(
        ValueError,
        match="at least 2 examples a side, got 4 and 1: give more, or take a larger batch",
    ):
        cls()(make_batch(normal(4, 3), normal(1, 3)))


def test_dan_sums_mmd_over_the_last_layers_each_in_medians_of_its_own():
    fs, ft = two_sides()
    conv = normal(6, 8, seed=3).reshape(6, 2, 2, 2), 9 * normal(8, 8, seed=4).reshape(8, 2, 2, 2)
    batch = with_layers(fs, ft, conv1=conv, conv2=conv, fc=(fs, ft))
    each = []
    for s, t in ((conv[0].flatten(1), conv[1].flatten(1)), (fs, ft), (batch.zs, batch.zt)):
        sigma = float(median_distance(squared_distances(torch.cat([s, t]))))
        each.append(float(mmd2(s, t, [sigma * 2**-0.5, sigma, sigma * 2**0.5])))
    for layers in (1, 2, 3):
        object.__setattr__(batch, "weight", 0.5)
        found = float(DAN(layers=layers, kernels=3)(batch)["mmd"])
        assert found == pytest.approx(0.5 * sum(each[-layers:]))


def test_dan_takes_all_layers_where_there_are_fewer_than_asked_for():
    fs, _ = two_sides()
    assert [tuple(h.shape) for h in last_layers({"a": fs}, fs[:, :2], 9)] == [(6, 3), (6, 2)]


# --- JAN


def test_the_joint_kernel_is_the_product_of_kernels_of_features_and_of_predictions():
    f, g = normal(5, 3, seed=1), normal(5, 2, seed=2).softmax(1)
    k_f = kernel_of_widths(f, 5)
    wanted = [
        [float(k_f[i, j]) * math.exp(-float((g[i] - g[j]).square().sum()) / 1.68) for j in range(5)]
        for i in range(5)
    ]
    np.testing.assert_allclose(joint_kernel(f, g, 5), wanted)


def test_jan_is_the_mmd_of_that_kernel_and_learns_through_features_and_answers():
    fs, ft = two_sides()
    z = torch.cat([fs, ft])[:, :2]
    wanted = float(mmd2_of_kernel(joint_kernel(torch.cat([fs, ft]), z.softmax(1), 5), 6))
    assert float(JAN()(make_batch(fs, ft, 0.5))["joint mmd"]) == pytest.approx(0.5 * wanted)
    batch = make_batch(fs, ft)
    batch.zs.requires_grad_()
    batch.ft.requires_grad_()
    for gradient in torch.autograd.grad(JAN()(batch)["joint mmd"], [batch.zs, batch.ft]):
        assert gradient.abs().max() > 0


def test_jan_sees_swapped_predictions_that_mmd_cannot():
    fs = torch.cat([normal(40, 3, 2.0, seed=1), normal(40, 3, -2.0, seed=2)])
    ft = torch.cat([normal(40, 3, 2.0, seed=3), normal(40, 3, -2.0, seed=4)])
    answers = torch.tensor([[1.0, 0.0]] * 40 + [[0.0, 1.0]] * 40, dtype=fs.dtype)
    f = torch.cat([fs, ft])
    alike, swapped = (
        float(mmd2_of_kernel(joint_kernel(f, torch.cat([answers, g]), 5), 80))
        for g in (answers, answers.flip(0))
    )
    assert swapped > 0.2
    assert abs(alike) < 0.02


# --- LMMD


def local_mmd2_by_loops(k, ys, pt):
    n_s, each = len(ys), []
    for c in range(pt.shape[1]):
        if c not in ys:
            continue
        w = [float(y == c) / ys.count(c) for y in ys] + [
            -float(p) / float(pt[:, c].sum()) for p in pt[:, c]
        ]
        each.append(sum(w[i] * w[j] * float(k[i, j]) for i in range(len(w)) for j in range(len(w))))
    assert n_s
    return sum(each) / len(each)


def test_local_mmd_equals_a_double_loop_and_leaves_out_absent_classes():
    fs, ft = two_sides()
    k, pt = kernel_of_widths(torch.cat([fs, ft]), 5), normal(8, 4, seed=5).softmax(1)
    for ys in ([0, 1, 2, 3, 0, 1], [0, 2, 2, 2, 0, 2]):
        assert float(local_mmd2(k, torch.tensor(ys), pt)) == pytest.approx(
            local_mmd2_by_loops(k, ys, pt)
        )


def test_local_mmd_of_one_class_is_the_biased_mmd():
    fs, ft = two_sides()
    k = kernel_of_widths(torch.cat([fs, ft]), 3)
    one_class = local_mmd2(k, torch.zeros(6, dtype=torch.int64), torch.ones(8, 1, dtype=k.dtype))
    assert float(one_class) == pytest.approx(float(mmd2_of_kernel(k, 6, "biased")))


def test_a_class_that_no_target_example_is_given_stays_finite():
    fs, ft = (x.requires_grad_() for x in two_sides())
    pt = torch.tensor([[1.0, 0.0]] * 8, dtype=fs.dtype)
    value = local_mmd2(
        kernel_of_widths(torch.cat([fs, ft]), 5), torch.tensor([0, 0, 0, 1, 1, 1]), pt
    )
    value.backward()
    assert value.isfinite()
    assert fs.grad.isfinite().all()


def test_lmmd_takes_soft_predictions_held_fixed_and_danns_schedule():
    fs, ft = two_sides()
    ys = torch.tensor([0, 0, 1, 1, 1, 0])
    batch = make_batch(fs, ft, 0.5, ys)
    batch.zt.requires_grad_()
    batch.ft.requires_grad_()
    found = LMMD()(batch)["local mmd"]
    k = kernel_of_widths(torch.cat([fs, ft.detach()]), 5)
    assert found.item() == pytest.approx(
        0.5 * local_mmd2_by_loops(k, ys.tolist(), ft[:, :2].detach().softmax(1))
    )
    of_features, of_answers = torch.autograd.grad(found, [batch.ft, batch.zt], allow_unused=True)
    assert of_features.abs().max() > 0
    assert of_answers is None
    assert LMMD(gamma=3.0).schedule(0.5) == pytest.approx(2 / (1 + math.exp(-1.5)) - 1)


# --- log-CORAL


def spread(d=4, seed=0):
    A = normal(9, d, seed=seed)
    return A.T @ A / 9


def test_the_matrix_logarithm_is_scipys_and_its_gradient_autograds():
    np.testing.assert_allclose(matrix_log(spread()), logm(spread().numpy()), atol=1e-10)
    C = spread().requires_grad_()
    assert torch.autograd.gradcheck(lambda A: matrix_log((A + A.T) / 2), (C,))


@pytest.mark.parametrize("e", [[1.0, 1.0, 1.0], [2.0, 2.0, 5.0], [1e-3, 1e-3, 1.0]])
def test_equal_eigenvalues_have_the_gradient_that_scipys_differences_tell(e):
    q = torch.linalg.qr(normal(3, 3, seed=1)).Q
    C = (q * torch.tensor(e, dtype=q.dtype) @ q.T).requires_grad_()
    W, E = spread(3, seed=2), spread(3, seed=3) - torch.eye(3)
    (gradient,) = torch.autograd.grad((W * matrix_log(C)).sum(), C)
    h = 1e-4 * min(e)
    up, down = (logm((C.detach() + sign * h * E).numpy()) for sign in (1, -1))
    assert (gradient * E).sum().item() == pytest.approx(
        (W.numpy() * (up - down)).sum() / (2 * h), rel=1e-5
    )


def test_log_coral_by_numpy_and_in_one_dimension():
    fs, ft = two_sides()
    Cs, Ct = (np.cov(f.numpy().T) + 0.1 * np.eye(3) for f in (fs, ft))
    wanted = ((logm(Cs) - logm(Ct)) ** 2).sum() / (4 * 3**2)
    assert float(log_coral_distance(fs, ft, 0.1)) == pytest.approx(wanted)
    one_s, one_t = fs[:, :1], ft[:, :1]
    ratio = (float(one_s.var()) + 0.1) / (float(one_t.var()) + 0.1)
    assert float(log_coral_distance(one_s, one_t, 0.1)) == pytest.approx(math.log(ratio) ** 2 / 4)
    assert float(LogCORAL(ridge=0.1)(make_batch(fs, ft, 2.0))["log-coral"]) == pytest.approx(
        2 * wanted
    )


def test_log_coral_does_not_depend_on_place_or_rotation():
    fs, ft = two_sides()
    value, q = float(log_coral_distance(fs, ft, 0.01)), torch.linalg.qr(normal(3, 3)).Q
    assert float(log_coral_distance(fs + 3, ft - 1, 0.01)) == pytest.approx(value)
    assert float(log_coral_distance(fs @ q, ft @ q, 0.01)) == pytest.approx(value)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_singular_covariances_give_a_finite_gradient(scale):
    """Fewer examples than features, or constant features, in the precision that training has."""
    fs, ft = ((scale * normal(4, 12, seed=i)).float().requires_grad_() for i in (1, 2))
    value = log_coral_distance(fs, ft, 0.01)
    value.backward()
    assert value.isfinite()
    assert fs.grad.isfinite().all()


def test_the_logarithm_of_a_singular_matrix_has_the_same_floor_in_every_unit():
    C = torch.diag(torch.tensor([1.0, 0.0, 0.5]))
    for unit in (1e6, 1e-6):
        wanted = matrix_log(C) + math.log(unit) * torch.eye(3)
        torch.testing.assert_close(matrix_log(unit * C), wanted, rtol=1e-4, atol=1e-4)


def test_an_eigenvalue_that_rounding_made_negative_gives_a_finite_logarithm():
    C = torch.diag(torch.tensor([1.0, -1e-9])).requires_grad_()
    log_C = matrix_log(C)
    (gradient,) = torch.autograd.grad(log_C.sum(), C)
    assert log_C.isfinite().all()
    assert gradient.isfinite().all()


# --- CMD


def test_cmd_is_of_scipys_central_moments():
    fs, ft = two_sides()
    wanted = np.linalg.norm(fs.mean(0) - ft.mean(0)) / 2.5
    for k in (2, 3, 4, 5):
        c_s, c_t = (moment(f.numpy(), k, axis=0) for f in (fs, ft))
        wanted += np.linalg.norm(c_s - c_t) / 2.5**k
    assert float(cmd(fs, ft, 5, 2.5)) == pytest.approx(wanted)


def test_cmd_of_a_shift_is_its_length_and_of_like_samples_zero_with_a_finite_gradient():
    fs, _ = two_sides()
    shift = torch.tensor([3.0, 0.0, 4.0], dtype=fs.dtype)
    assert float(cmd(fs, fs + shift, 5, 1.0)) == pytest.approx(5)
    fs.requires_grad_()
    value = cmd(fs, fs.detach().flip(0), 5, 1.0)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert fs.grad.isfinite().all()


def test_cmd_takes_bounded_features_and_its_highest_moment():
    fs, ft = two_sides()
    found = CMD(moments=3)(make_batch(50 * fs, ft, 0.5))["cmd"]
    assert float(found) == pytest.approx(
        0.5 * float(cmd(torch.tanh(50 * fs), torch.tanh(ft), 3, 1.0))
    )


# --- HoMM


def test_moment_entries_are_the_means_of_products():
    f, index = normal(5, 3), torch.tensor([[0, 1, 2], [1, 1, 1], [2, 0, 0]])
    wanted = [
        np.mean([math.prod(float(f[i, j]) for j in entry) for i in range(5)]) for entry in index
    ]
    np.testing.assert_allclose(moment_entries(f, index), wanted)


def test_random_entries_tell_the_whole_tensors_difference_on_average():
    fs, ft = two_sides()
    every = torch.tensor(list(itertools.product(range(3), repeat=3)))
    whole_s, whole_t = (np.einsum("ia,ib,ic->abc", f, f, f) / len(f) for f in (fs, ft))
    whole = ((whole_s - whole_t) ** 2).mean()
    assert float(moment_difference(fs, ft, every)) == pytest.approx(whole)
    some = torch.randint(3, (40_000, 3), generator=torch.Generator().manual_seed(0))
    assert float(moment_difference(fs, ft, some)) == pytest.approx(whole, rel=0.05)


def test_homm_of_order_two_compares_the_covariances_of_bounded_features():
    fs, ft = two_sides()
    Cs, Ct = (np.cov(np.tanh(f.numpy()).T, ddof=0) for f in (fs, ft))
    torch.manual_seed(0)
    found = float(HoMM(order=2, entries=100_000)(make_batch(fs, ft, 0.5))["homm"])
    assert found == pytest.approx(0.5 * ((Cs - Ct) ** 2).mean(), rel=0.05)


def test_homm_draws_new_entries_each_time_from_torchs_stream():
    fs, ft = two_sides()
    homm = HoMM(entries=2)
    torch.manual_seed(0)
    one, other = (float(homm(make_batch(fs, ft))["homm"]) for _ in range(2))
    torch.manual_seed(0)
    assert float(homm(make_batch(fs, ft))["homm"]) == one != other
    assert bounded(100 * fs).abs().max() <= 2


# --- DeepJDOT


def test_the_joint_costs_equal_a_double_loop():
    fs, ft = two_sides()
    ys = torch.tensor([0, 1, 1, 0, 0, 1])
    batch = make_batch(fs, ft, ys=ys)
    log_p = log_softmax(batch.zt.numpy(), axis=1)
    wanted = [
        [0.3 * float((s - t).square().sum()) - 0.7 * log_p[j, y] for j, t in enumerate(ft)]
        for s, y in zip(fs, ys, strict=True)
    ]
    np.testing.assert_allclose(joint_costs(batch, 0.3, 0.7), wanted)


def test_the_plan_is_pots_and_has_uniform_marginals():
    C = normal(6, 8).abs()
    G = transport_plan(C)
    np.testing.assert_allclose(
        G, ot.emd(np.full(6, 1 / 6), np.full(8, 1 / 8), C.numpy()), atol=1e-12
    )
    np.testing.assert_allclose(G.sum(1), np.full(6, 1 / 6), atol=1e-8)
    np.testing.assert_allclose(G.sum(0), np.full(8, 1 / 8), atol=1e-8)


def test_costs_that_are_not_finite_pair_all_with_all():
    for bad in (math.nan, math.inf):
        C = torch.tensor([[bad, 1.0], [2.0, 3.0], [4.0, 5.0]])
        assert torch.equal(transport_plan(C), torch.full((3, 2), 1 / 6))


def test_in_one_dimension_the_plan_pairs_sorted_examples():
    xs, xt = normal(9, 1, seed=1), normal(9, 1, seed=2)
    cost = (transport_plan((xs - xt.T) ** 2) * (xs - xt.T) ** 2).sum()
    assert float(cost) == pytest.approx(
        float((xs.sort(0).values - xt.sort(0).values).square().mean())
    )


def test_deep_jdot_is_the_best_plans_cost_and_no_gradient_goes_through_the_plan():
    fs, ft = two_sides()
    ys = torch.tensor([0, 1, 1, 0, 0, 1])
    batch = make_batch(fs, ft, 0.5, ys)
    batch.ft.requires_grad_()
    C = joint_costs(batch, 0.3, 0.7)
    found = DeepJDOT(alpha=0.3, label_weight=0.7)(batch)["transport"]
    best = ot.emd2([], [], C.detach().numpy())
    assert found.item() == pytest.approx(0.5 * best)
    (gradient,) = torch.autograd.grad(found, batch.ft)
    G = torch.from_numpy(ot.emd([], [], C.detach().numpy()))
    by_hand = torch.stack(
        [sum(0.5 * G[i, j] * 0.3 * 2 * (ft[j] - fs[i]) for i in range(6)) for j in range(8)]
    )
    torch.testing.assert_close(gradient, by_hand.detach())


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_costs_that_are_not_finite_reach_the_loss_and_trouble_no_solver(broken):
    C = torch.full((64, 64), broken)
    assert not (transport_plan(C) * C).sum().isfinite()


@pytest.mark.parametrize("cls", [DAN, JAN, LMMD, LogCORAL, CMD, HoMM, DeepJDOT])
def test_constant_features_give_finite_terms_and_gradients(cls):
    fs, ft = torch.ones(4, 3, requires_grad=True), torch.ones(5, 3, requires_grad=True)
    terms = cls()(make_batch(fs, ft))
    sum(terms.values()).backward()
    assert all(term.isfinite() for term in terms.values())
    assert fs.grad.isfinite().all()


# --- WDGRL


def linear_critic(*slope):
    layer = torch.nn.Linear(len(slope), 1).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([slope]))
    return layer


def test_a_linear_critic_sees_the_difference_of_means_along_its_slope():
    fs, ft = two_sides()
    wanted = float((fs.mean(0) - ft.mean(0)) @ torch.tensor([3.0, 0.0, 4.0], dtype=fs.dtype))
    assert wasserstein(linear_critic(3.0, 0.0, 4.0), fs, ft).item() == pytest.approx(wanted)


def test_the_penalty_is_of_the_slopes_length_less_one_and_teaches_the_critic():
    critic, f = linear_critic(3.0, 0.0, 4.0), normal(7, 3)
    penalty = gradient_penalty(critic, f)
    penalty.backward()
    assert penalty.item() == pytest.approx((5 - 1) ** 2)
    torch.testing.assert_close(
        critic.weight.grad, torch.tensor([[2 * 4 * 0.6, 0.0, 2 * 4 * 0.8]], dtype=f.dtype)
    )


def test_the_gradient_penalty_is_the_critics_alone_and_leaves_its_points_as_they_were():
    critic = bound_wdgrl(3).critic.double()
    plain, learning = normal(5, 3, seed=1), normal(5, 3, seed=1).requires_grad_()
    gradient_penalty(critic, plain)
    assert not plain.requires_grad
    gradient_penalty(critic, learning).backward()
    assert learning.grad is None
    assert critic[0].weight.grad.abs().max() > 0


@pytest.mark.parametrize(("n_s", "n_t"), [(4, 6), (6, 4)])
def test_points_between_lie_on_the_lines_between_pairs(n_s, n_t):
    fs, ft = two_sides(n_s, n_t)
    torch.manual_seed(0)
    points = points_between(fs, ft)
    assert torch.equal(points[:10], torch.cat([fs, ft]))
    share = (points[10:] - ft[:4]) / (fs[:4] - ft[:4])
    torch.testing.assert_close(share, share[:, :1].expand(4, 3))
    assert ((share >= 0) & (share <= 1)).all()
    assert share[:, 0].unique().numel() == 4


def bound_wdgrl(d=1, **settings):
    wdgrl = WDGRL(**settings)
    wdgrl.setup(type("Wide", (), {"feature_width": d})(), None, torch.Generator().manual_seed(0))
    return wdgrl


def in_phase(batch, phase):
    object.__setattr__(batch, "phase", phase)
    return batch


def test_the_critic_comes_to_the_wasserstein_distance_of_a_shift():
    """A sample and itself two away: the distance is two; a slope of 1 finds it, a penalty of 10 lets a little more pass."""
    ft = normal(200, 3, seed=1).float()
    fs = ft.flip(0) + torch.tensor([2.0, 0.0, 0.0])
    assert wasserstein_distance(fs[:, 0], ft[:, 0]) == pytest.approx(2, rel=1e-5)
    wdgrl = bound_wdgrl(3)
    optimizer = torch.optim.Adam(wdgrl.parameters(), lr=0.003)
    batch = in_phase(make_batch(fs, ft), "critic")
    for _ in range(300):
        optimizer.zero_grad()
        sum(wdgrl(batch).values()).backward()
        optimizer.step()
    assert 1.9 < wasserstein(wdgrl.critic, fs, ft).item() < 2.3


def test_the_critic_climbs_and_the_network_descends_the_same_distance():
    fs, ft = (x.float().requires_grad_() for x in two_sides())
    wdgrl = bound_wdgrl(3, penalty=0.0)
    distance = wasserstein(wdgrl.critic, fs, ft)
    of_critic = torch.autograd.grad(distance, wdgrl.critic[0].weight, retain_graph=True)[0]
    of_features = torch.autograd.grad(distance, [fs, ft])
    terms = wdgrl(in_phase(make_batch(fs, ft, 0.3), "critic"))
    torch.testing.assert_close(
        torch.autograd.grad(sum(terms.values()), wdgrl.critic[0].weight)[0], -of_critic
    )
    found = torch.autograd.grad(
        wdgrl(in_phase(make_batch(fs, ft, 0.3), "network"))["wasserstein"], [fs, ft]
    )
    torch.testing.assert_close(found, tuple(0.3 * g for g in of_features))


def test_wdgrl_trains_its_critic_five_times_and_its_network_once():
    assert [(p.name, p.repeat, p.trains) for p in WDGRL.phases] == [
        ("critic", 5, ("objective",)),
        ("network", 1, ("body", "head")),
    ]


@pytest.mark.parametrize(("cls", "rate"), [(DANN, "discriminator_rate"), (WDGRL, "critic_rate")])
def test_discriminator_and_critic_have_their_own_learning_rate_which_may_change(cls, rate):
    session = build(cls(**{rate: 0.25}), lr=0.04)
    session.step()
    rates = {group["name"]: group["lr"] for group in session.optimizer.param_groups}
    assert rates == {"body": 0.04, "head": 0.04, "objective": 0.01}
    session.set(**{rate: 2.0})
    session.step()
    rates = {group["name"]: group["lr"] for group in session.optimizer.param_groups}
    assert rates["objective"] == 2 * rates["body"]
