"""Methods that shape the target's answers, against double loops, autograd and closed forms; and what FixMatch changes."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import entropy as scipy_entropy
from test_objectives import make_batch, normal
from torch import nn
from torch.nn import functional as F

import tltutor as tl
from tltutor.objectives import AFN, BNM, MCC, Entropy, FixMatch, PseudoLabels, augmentation
from tltutor.objectives.afn import hard_norm, normalized_stage, stepwise_norm
from tltutor.objectives.augmentation import adjust_color, cut_out, jitter, strong, warp, weak
from tltutor.objectives.bnm import batch_nuclear_norm
from tltutor.objectives.entropy import entropy, entropy_weights
from tltutor.objectives.mcc import class_confusion
from tltutor.objectives.pseudo_labels import confident_predictions, pseudo_label_loss, ramp

SURE = 200.0  # a logit beside which the others vanish


# --- entropy


def test_entropy_is_scipys_and_stays_finite_for_confident_predictions():
    z = normal(6, 4)
    np.testing.assert_allclose(entropy(z), scipy_entropy(softmax(z.numpy(), axis=1), axis=1))
    assert entropy(torch.zeros(1, 4)).item() == pytest.approx(math.log(4))
    sure = torch.tensor([[SURE, -SURE, 0.0]], requires_grad=True)
    entropy(sure).sum().backward()
    assert entropy(sure).item() == 0
    assert sure.grad.isfinite().all()


def test_the_entropy_term_is_the_targets_mean_times_lambda():
    fs, ft = normal(5, 3, seed=1), normal(7, 3, seed=2)
    found = Entropy()(make_batch(fs, ft, 0.3))["entropy"]
    assert float(found) == pytest.approx(0.3 * float(entropy(ft[:, :2]).mean()))


# --- MCC


def class_confusion_by_loops(z, T):
    n, k = z.shape
    P = softmax(z / T, axis=1)
    H = [-sum(p * math.log(p) for p in row) for row in P]
    w = [n * (1 + math.exp(-H[i])) / sum(1 + math.exp(-h) for h in H) for i in range(n)]
    C = [[sum(w[i] * P[i, a] * P[i, b] for i in range(n)) for b in range(k)] for a in range(k)]
    return sum(C[a][b] / sum(C[a]) for a in range(k) for b in range(k) if a != b) / k


@pytest.mark.parametrize("T", [1.0, 2.5])
def test_class_confusion_equals_a_double_loop(T):
    z = 3 * normal(7, 4)
    assert float(class_confusion(z, T)) == pytest.approx(class_confusion_by_loops(z.numpy(), T))


def test_class_confusion_of_confident_predictions_is_zero_and_of_uniform_predictions_all_but_one_kth():
    sure = SURE * F.one_hot(torch.tensor([0, 1, 2, 0])).double()
    assert float(class_confusion(sure, 1.0)) == pytest.approx(0, abs=1e-12)
    assert float(class_confusion(torch.zeros(5, 4), 1.0)) == pytest.approx(3 / 4)


def test_class_confusion_of_a_class_that_nobody_is_given_is_finite():
    z = torch.tensor([[SURE, 0.0, -1e4]] * 3, requires_grad=True)
    class_confusion(z, 1.0).backward()
    assert class_confusion(z, 1.0).isfinite()
    assert z.grad.isfinite().all()


def test_certainty_is_one_on_average_larger_for_the_surer_and_no_way_to_learn():
    z = torch.tensor([[SURE, 0.0], [0.0, 0.0]], requires_grad=True)
    w = entropy_weights(z)
    assert not w.requires_grad
    assert w.mean().item() == pytest.approx(1)
    assert (w[0] / w[1]).item() == pytest.approx(2 / 1.5)  # (1 + e^0) / (1 + e^-log 2)


def test_mcc_takes_its_temperature_and_weight():
    fs, ft = normal(5, 3, seed=1), normal(7, 3, seed=2)
    found = MCC(temperature=4.0)(make_batch(fs, ft, 0.5))["confusion"]
    assert float(found) == pytest.approx(0.5 * class_confusion_by_loops(ft[:, :2].numpy(), 4.0))


# --- BNM


def test_the_nuclear_norm_is_numpys_and_its_gradient_u_v():
    z = normal(9, 4).requires_grad_()
    P = z.softmax(1)
    u, s, vt = np.linalg.svd(P.detach().numpy(), full_matrices=False)
    assert batch_nuclear_norm(z).item() == pytest.approx(s.sum() / 9)
    (by_hand,) = torch.autograd.grad(P, z, torch.from_numpy(u @ vt / 9))
    batch_nuclear_norm(z).backward()
    torch.testing.assert_close(z.grad, by_hand)


def test_the_nuclear_norm_is_largest_for_sure_and_even_answers():
    even = SURE * F.one_hot(torch.arange(12) % 3).double()
    one = SURE * F.one_hot(torch.zeros(12, dtype=torch.int64), 3).double()
    assert float(batch_nuclear_norm(even)) == pytest.approx(math.sqrt(3 / 12))
    assert float(batch_nuclear_norm(one)) == pytest.approx(math.sqrt(1 / 12))


@pytest.mark.parametrize("z", [torch.zeros(5, 3), torch.tensor([[SURE, 0.0, 0.0]]), torch.eye(3)])
def test_the_nuclear_norm_of_equal_rows_or_equal_singular_values_has_a_finite_gradient(z):
    z = z.clone().requires_grad_()
    batch_nuclear_norm(z).backward()
    assert z.grad.isfinite().all()


def test_bnm_subtracts_the_norm():
    fs, ft = normal(5, 3, seed=1), normal(7, 3, seed=2)
    found = BNM()(make_batch(fs, ft, 0.5))["nuclear norm"]
    assert float(found) == pytest.approx(-0.5 * float(batch_nuclear_norm(ft[:, :2])))


@pytest.mark.parametrize("cls", [MCC, BNM, Entropy, PseudoLabels])
def test_one_class_alone_is_no_fault(cls):
    batch = make_batch(normal(4, 1, seed=1), normal(5, 1, seed=2))
    assert all(term.isfinite() for term in cls()(batch).values())


# --- AFN


def test_the_hard_norm_is_of_the_mean_length():
    f = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    assert hard_norm(f, 10.0).item() == pytest.approx((3 - 10) ** 2)


def test_the_stepwise_norm_pushes_each_length_by_the_same_force_outward():
    f = normal(4, 3).requires_grad_()
    value = stepwise_norm(f, 0.7)
    value.backward()
    assert value.item() == pytest.approx(0.49)
    with torch.no_grad():
        torch.testing.assert_close(f.grad, -2 * 0.7 * f / f.norm(dim=1, keepdim=True) / 4)


def test_afn_is_finite_where_a_feature_is_zero():
    fs, ft = torch.zeros(3, 2, requires_grad=True), torch.zeros(4, 2, requires_grad=True)
    for kind in ("stepwise", "hard"):
        fs.grad = ft.grad = None
        AFN(kind=kind)(make_batch(fs, ft))["norm"].backward()
        assert fs.grad.isfinite().all()
        assert ft.grad.isfinite().all()


@pytest.mark.parametrize(("kind", "wanted"), [("stepwise", 2 * 4.0), ("hard", None)])
def test_afn_is_of_both_domains(kind, wanted):
    fs, ft = normal(5, 3, seed=1), normal(7, 3, seed=2)
    wanted = wanted or float(hard_norm(fs, 9.0) + hard_norm(ft, 9.0))
    found = AFN(kind=kind, step=2.0, radius=9.0)(make_batch(fs, ft, 0.5))["norm"]
    assert float(found) == pytest.approx(0.5 * wanted)


def test_afn_takes_the_last_stage_that_is_normalized_or_else_the_features():
    pair = tl.load_pair("digits->shifted-digits", seed=0, size=16)
    small = {"channels": (2, 3), "width": 5, "seed": 0}
    for options, stage in (({}, "fc1"), ({"batchnorm": False}, "fc2")):
        network = tl.build_network("lenet", pair, **small, **options)
        afn = AFN(kind="hard", radius=9.0)
        afn.setup(network, pair, torch.Generator())
        hs, ht = {}, {}
        fs, zs = network(torch.tensor(pair.source.x[:6]), hs)
        ft, zt = network(torch.tensor(pair.target.x[:7]), ht)
        ys = torch.tensor(pair.source.y[:6])
        batch = replace(make_batch(fs, ft), ys=ys, zs=zs, zt=zt, hs=hs, ht=ht)
        wanted = sum(
            (torch.linalg.vector_norm(h[stage], dim=1).mean() - 9).square() for h in (hs, ht)
        )
        torch.testing.assert_close(afn(batch)["norm"], wanted)
    normalized = tl.build_network("mlp", pair, batchnorm=True, seed=0)
    assert normalized_stage(normalized) == ""  # the features themselves


# --- pseudo-labels


def test_confident_predictions_reach_the_threshold_and_carry_no_gradient():
    z = torch.log(torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])).requires_grad_()
    y, sure = confident_predictions(z, 0.8)
    assert y.tolist() == [0, 1, 0]
    assert sure.tolist() == [True, True, False]
    assert not y.requires_grad
    assert confident_predictions(torch.zeros(1, 2), 0.5)[1].tolist() == [True], "reached is enough"


def test_the_pseudo_label_loss_is_over_all_examples():
    z = torch.log(torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
    found = pseudo_label_loss(z, *confident_predictions(z, 0.7))
    assert found.item() == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 3)
    assert pseudo_label_loss(z, *confident_predictions(z, 0.95)).item() == 0


@pytest.mark.parametrize(("p", "value"), [(0, 0.0), (0.1, 0.0), (0.35, 0.5), (0.6, 1.0), (1, 1.0)])
def test_pseudo_labels_ramp_up_as_in_the_paper(p, value):
    assert ramp(p) == pytest.approx(value)
    assert PseudoLabels().schedule(p) == pytest.approx(value)


def test_pseudo_labels_teach_the_answers_that_are_likely_already():
    fs, ft = normal(5, 3, seed=1), 5 * normal(7, 3, seed=2)
    z = ft[:, :2]
    p = z.softmax(1).amax(1)
    wanted = sum(-math.log(q) for q in p.tolist() if q >= 0.9) / 7
    found = PseudoLabels(threshold=0.9)(make_batch(fs, ft, 2.0))["pseudo-labels"]
    assert float(found) == pytest.approx(2 * wanted)


# --- FixMatch


class Recording(nn.Module):
    """Stands for a network: logits are the first two columns, and it remembers what it was shown."""

    def forward(self, x):
        self.shown = x
        return x, x[:, :2]


def test_fixmatch_teaches_the_weak_views_confident_prediction_to_the_strong_view():
    torch.manual_seed(3)
    xs, xt = normal(5, 3, seed=1).float(), 4 * normal(8, 3, seed=2).float()
    batch = make_batch(xs, xt, 0.5)
    object.__setattr__(batch, "network", Recording())
    found = FixMatch(threshold=0.9, strength=1.0)(batch)["consistency"]
    z_weak, z_strong = batch.network.shown[:8, :2], batch.network.shown[8:, :2]
    p, y = z_weak.softmax(1).max(1)
    each = [-float(z_strong.log_softmax(1)[i, y[i]]) for i in range(8) if p[i] >= 0.9]
    assert 0 < len(each) < 8
    assert float(found) == pytest.approx(0.5 * sum(each) / 8, rel=1e-5)


def test_fixmatch_learns_through_the_strong_view_alone():
    torch.manual_seed(3)
    batch = make_batch(normal(5, 3, seed=1).float(), (4 * normal(8, 3, seed=2)).float())
    object.__setattr__(batch, "network", Recording())
    batch.xt.requires_grad_()
    terms = FixMatch(threshold=0.5)(batch)
    (of_shown,) = torch.autograd.grad(terms["consistency"], batch.network.shown)
    assert of_shown[:8].abs().max() == 0
    assert of_shown[8:].abs().max() > 0


def images(n=3, side=16, *, dtype=torch.uint8):
    x = torch.from_numpy(
        np.random.default_rng(0).integers(0, 256, (n, 1, side, side)).astype(np.uint8)
    )
    return x if dtype == torch.uint8 else x.float() / 255


def test_no_strength_changes_nothing():
    torch.testing.assert_close(
        strong(images(), 0.0), images(dtype=torch.float32), atol=1e-5, rtol=0
    )
    assert torch.equal(strong(normal(4, 2), 0.0), normal(4, 2))


@pytest.mark.parametrize("change", [weak, lambda x: strong(x, 1.0)])
@pytest.mark.parametrize(
    "x",
    [images(), images(dtype=torch.float32), normal(6, 2).float()],
    ids=["bytes", "images", "vectors"],
)
def test_changes_keep_shape_range_and_device_and_come_from_torchs_stream(change, x):
    kept = x.clone()
    torch.manual_seed(1)
    one = change(x)
    torch.manual_seed(1)
    again, other = change(x), change(x)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert one.shape == x.shape
    assert one.dtype == torch.float32
    assert torch.equal(x, kept)
    if x.ndim == 4:
        assert one.min() >= 0
        assert one.max() <= 1


def test_a_warp_moves_each_image_by_its_own_share_of_a_side():
    x = images(2, 8, dtype=torch.float32)
    moved = warp(
        x, torch.tensor([[2 / 8, 0.0], [0.0, -2 * 3 / 8]])
    )  # one pixel to the left; three pixels down
    torch.testing.assert_close(moved[0, :, :, :-1], x[0, :, :, 1:], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[1, :, 3:], x[1, :, :-3], atol=1e-5, rtol=0)
    torch.testing.assert_close(
        moved[0, :, :, -1], x[0, :, :, -1], atol=1e-5, rtol=0
    )  # the edge repeats


def test_a_warp_turns_by_radians_zooms_and_shears():
    x = images(1, 8, dtype=torch.float32)
    turned = warp(x, torch.zeros(1, 2), torch.tensor([[math.pi / 2, 0.0, 0.0]]))
    torch.testing.assert_close(turned, torch.rot90(x, 1, (2, 3)), atol=1e-4, rtol=0)
    row = torch.linspace(0, 1, 9).expand(1, 1, 9, 9)
    zoomed = warp(row, torch.zeros(1, 2), torch.tensor([[0.0, -0.5, 0.0]]))
    torch.testing.assert_close(zoomed[0, 0, 0], 0.5 + 0.5 * (row[0, 0, 0] - 0.5), atol=1e-5, rtol=0)
    sheared = warp(row, torch.zeros(1, 2), torch.tensor([[0.0, 0.0, 0.25]]))
    assert (sheared[0, 0, 6, 4] - sheared[0, 0, 2, 4]).item() == pytest.approx(0.25 * 4 / 8)


def test_color_adjustment_spreads_an_image_around_its_mean_and_lifts_it():
    x = torch.tensor([0.2, 0.4]).reshape(1, 1, 1, 2)
    one = torch.ones(1, 1, 1, 1)
    assert adjust_color(x, 0.5 * one, 0.1 * one).flatten().tolist() == pytest.approx([0.25, 0.55])
    assert adjust_color(x, -0.5 * one, 0.7 * one).flatten().tolist() == pytest.approx([0.95, 1.0])


def test_strong_draws_every_change_for_each_image_both_ways(monkeypatch):
    asked = []
    monkeypatch.setattr(
        augmentation, "warp", lambda x, shift, turns: asked.extend([shift, *turns.T]) or x
    )
    monkeypatch.setattr(augmentation, "adjust_color", lambda x, *by: asked.extend(by) or x)
    monkeypatch.setattr(
        augmentation, "cut_out", lambda x, share: asked.append(torch.tensor([-share, share])) or x
    )
    torch.manual_seed(0)
    strong(images(500), 0.5)
    # shift in half sides, turn, zoom, shear, contrast, brightness, and the square's share of a side: half of the most
    for drawn, most in zip(asked, (0.125, 0.25, 0.15, 0.15, 0.4, 0.2, 0.25), strict=True):
        assert len(drawn) in {500, 2}
        assert 0.95 * most < drawn.max() <= most
        assert -0.95 * most > drawn.min() >= -most


def test_weak_moves_by_at_most_an_eighth_and_both_ways():
    torch.manual_seed(0)
    point = torch.zeros(200, 1, 33, 33)
    point[:, :, 16, 16] = 1
    moved = weak(point)[:, 0]
    place = (
        torch.stack(
            [(moved.sum(2) * torch.arange(33)).sum(1), (moved.sum(1) * torch.arange(33)).sum(1)], 1
        )
        / moved.sum((1, 2))[:, None]
    )
    offset = place - 16
    assert 0.9 * 33 / 8 < offset.max() <= 33 / 8 + 0.01
    assert -0.9 * 33 / 8 > offset.min() >= -33 / 8 - 0.01


def test_jitter_is_in_units_of_each_columns_spread():
    torch.manual_seed(0)
    x = torch.randn(4000, 2) * torch.tensor([1.0, 100.0])
    added = jitter(x, 0.3) - x
    torch.testing.assert_close(added.std(0), 0.3 * x.std(0), rtol=0.05, atol=0)
    assert jitter(x[:1], 0.3).isfinite().all()


def test_cut_out_hides_a_gray_square_of_this_share():
    torch.manual_seed(0)
    hidden = (cut_out(torch.zeros(300, 1, 20, 20), 0.5) == 0.5)[:, 0]
    height, width = hidden.any(2).sum(1), hidden.any(1).sum(1)
    assert torch.equal(
        hidden.sum((1, 2)), height * width
    )  # a rectangle, smaller only where it meets an edge
    assert height.max() == 10
    assert width.max() == 10
    assert hidden.any(0).all()  # anywhere
    assert torch.equal(cut_out(torch.zeros(3, 1, 4, 4), 0.0), torch.zeros(3, 1, 4, 4))
