"""What a student takes from a teacher: soft labels (oracle 15), hints, attention, relations, and its own running mean."""

import copy
import math
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from test_objectives import make_batch, normal
from test_session import build, image_pair, same, weights
from torch import nn

import tltutor as tl
from tltutor.events import Stepped
from tltutor.objectives import build_objective
from tltutor.objectives.attention import AttentionTransfer, attention_loss, attention_map
from tltutor.objectives.delta import DELTA, behavior
from tltutor.objectives.distill import distillation_loss
from tltutor.objectives.fitnets import hint_loss, middle_stage, regressor
from tltutor.objectives.mean_teacher import add_noise, consistency, update_teacher
from tltutor.objectives.objective import LabeledBatch
from tltutor.objectives.rkd import angle_loss, angles, distance_loss, distances
from tltutor.objectives.teacher import Outputs, Teacher

TAUGHT = ("distillation", "fitnets", "attention", "rkd")
WITH_A_COPY = (*TAUGHT, "delta", "mean-teacher", "adda")


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def wide(pair, seed=7):
    """A teacher that is wider than the student that `build` makes."""
    return tl.build_network("lenet", pair, channels=(5, 9), width=11, seed=seed)


@pytest.mark.parametrize("name", WITH_A_COPY)
def test_a_copy_reads_each_batch_with_the_statistics_of_its_own_domain(name, monkeypatch):
    """The pair's target is the brighter one."""
    read, forward = [], Teacher.forward

    def watched(self, x, domain):
        read.append((float(x.mean()) > 0.43, domain))
        return forward(self, x, domain)

    monkeypatch.setattr(Teacher, "forward", watched)
    list(build(name))
    assert read
    assert all(bright == (domain == "target") for bright, domain in read)


def stages(seed, *sizes):
    """Outputs of stages with maps (3, c, 4, 4), by name."""
    return {
        f"conv{i}": normal(3, c * 16, seed=seed + i).view(3, c, 4, 4) for i, c in enumerate(sizes)
    }


def test_attention_adds_up_the_stages_paired_from_the_last_one_backward():
    objective, hs, ht, taught = (
        AttentionTransfer(),
        stages(0, 2, 3),
        stages(10, 2, 3),
        stages(20, 4, 5, 6),
    )
    taught = {name: torch.cat([h, h + 1]) for name, h in taught.items()}
    objective.teacher.outputs = lambda _: Outputs(torch.zeros(6, 1), torch.zeros(6, 3), taught)
    batch = replace(make_batch(normal(3, 4), normal(3, 4), weight=2.0), hs=hs, ht=ht)
    mine = {name: torch.cat([hs[name], ht[name]]) for name in hs}
    wanted = attention_loss(mine["conv1"], taught["conv2"]) + attention_loss(
        mine["conv0"], taught["conv1"]
    )
    assert float(objective(batch)["attention"]) == pytest.approx(2 * float(wanted), rel=1e-9)


def test_delta_adds_up_the_stages():
    objective, h, h0 = DELTA(beta=0), stages(0, 2, 3), stages(10, 2, 3)
    objective.start = lambda x, _: Outputs(x, x, h0)
    objective.channels = {
        "conv0": torch.tensor([0.25, 0.75]).double(),
        "conv1": torch.tensor([0.2, 0.3, 0.5]).double(),
    }
    network, x, y = build("delta").network, normal(3, 4), torch.zeros(3, dtype=torch.int64)
    batch = replace(
        make_batch(x, x, weight=2.0), labeled=LabeledBatch(x, y, x, x[:, :3], h), network=network
    )
    wanted = sum(float(behavior(h[name], h0[name], w)) for name, w in objective.channels.items())
    assert float(objective(batch)["behavior"]) == pytest.approx(2 * wanted, rel=1e-9)


# --- distillation


def test_distillation_is_the_mean_over_examples_of_t_squared_kl():
    z, v, T = normal(5, 4, seed=1), normal(5, 4, seed=2), 3.0
    by_loops = 0.0
    for zi, vi in zip(z.numpy(), v.numpy(), strict=True):
        p, q = softmax(vi / T), softmax(zi / T)
        by_loops += T**2 * sum(pk * math.log(pk / qk) for pk, qk in zip(p, q, strict=True)) / 5
    assert float(distillation_loss(z, v, T)) == pytest.approx(by_loops, rel=1e-12)


def soft_gradient(z, v, T):
    z = z.clone().requires_grad_()
    distillation_loss(z, v, T).backward()
    return z.grad


def test_gradients_hardly_depend_on_a_high_temperature():
    z, v = normal(6, 5, seed=1), normal(6, 5, seed=2)
    ten, forty = (float(soft_gradient(z, v, T).norm()) for T in (10, 40))
    assert ten == pytest.approx(forty, rel=0.15)


def test_at_infinite_temperature_the_gradient_is_the_centered_difference_of_logits():
    z, v = normal(1, 5, seed=1), normal(1, 5, seed=2)
    difference = z - v
    wanted = (difference - difference.mean(1, keepdim=True)) / 5
    torch.testing.assert_close(soft_gradient(z, v, 1e4), wanted, rtol=1e-3, atol=1e-6)


def test_distillation_is_zero_if_and_only_if_logits_agree_up_to_a_constant():
    z = normal(4, 3)
    assert float(distillation_loss(z, z + normal(4, 1, seed=3), 2.0)) == pytest.approx(0, abs=1e-12)
    assert float(distillation_loss(z, z + normal(4, 3, seed=3), 2.0)) > 1e-3


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="must be above 0, got 0"):
        distillation_loss(normal(2, 2), normal(2, 2), 0)


def test_labels_and_teacher_share_the_loss():
    pair = image_pair()
    teacher = wide(pair)
    list(
        build("source-only-target-bn", pair=pair, network=teacher, steps=20)
    )  # statistics of source and target part
    teacher.eval()
    session = build(
        build_objective("distillation", teacher=teacher, temperature=2.0), pair=pair, weight=0.3
    )
    student = copy.deepcopy(session.network).train()
    told = session.step()[0].losses
    drawn = build(build_objective("distillation", teacher=teacher), pair=pair)._examples.next()
    xs, xt, ys = drawn.x["source"], drawn.x["target"], drawn.y["source"]
    with torch.no_grad():
        z_s, z_t = student.on("source")(xs)[1], student.on("target")(xt)[1]
        v = torch.cat([teacher.on("source")(xs)[1], teacher.on("target")(xt)[1]])
    assert told["task"] == pytest.approx(
        0.7 * float(nn.functional.cross_entropy(z_s, ys)), rel=1e-5
    )
    assert told["teacher"] == pytest.approx(
        0.3 * float(distillation_loss(torch.cat([z_s, z_t]), v, 2.0)), rel=1e-5
    )


# --- teachers


@pytest.mark.parametrize("name", TAUGHT)
def test_a_teacher_stays_bit_for_bit_gets_no_gradient_and_is_copied(name):
    pair = image_pair()
    given = wide(pair)
    held = copy.deepcopy(given.state_dict())
    session = build(build_objective(name, teacher=given), pair=pair, weight_decay=0.1)
    teacher = session.objective.teacher
    list(session)
    assert same(held, given.state_dict())
    assert same(held, teacher.network.state_dict())
    assert not any(m.training for m in teacher.modules())
    assert all(p.grad is None and not p.requires_grad for p in teacher.parameters())
    assert not set(teacher.parameters()) & {
        p for g in session.optimizer.param_groups for p in g["params"]
    }
    assert given.training
    assert all(p.requires_grad for p in given.parameters())


@pytest.mark.parametrize("name", TAUGHT)
def test_without_a_teacher_the_start_of_each_run_is_it(name):
    objective = build_objective(name)
    for seed in (1, 2):
        network = tl.build_network("lenet", image_pair(), channels=(4, 6), width=8, seed=seed)
        start = copy.deepcopy(network.state_dict())
        list(build(objective, network=network))
        assert same(start, objective.teacher.network.state_dict())


@pytest.mark.parametrize("name", TAUGHT)
def test_a_teacher_of_other_classes_is_refused(name):
    pair = image_pair()
    with pytest.raises(
        ValueError,
        match=r"must know the student's classes .* got \['x', 'y'\] for \['0', '1', '2'\]: give",
    ):
        build(build_objective(name, teacher=wide(pair).with_head("xy")), pair=pair)


@pytest.mark.parametrize("name", [*TAUGHT, "mean-teacher"])
@pytest.mark.parametrize("batchnorm", ["separate", "joint"])
def test_at_lambda_zero_a_student_is_source_only_bit_for_bit(name, batchnorm):
    taught, plain = (
        build(name, weight=0, batchnorm=batchnorm),
        build("source-only-target-bn", batchnorm=batchnorm),
    )
    list(taught), list(plain)
    assert same(weights(taught), weights(plain))


@pytest.mark.parametrize("name", TAUGHT)
def test_a_student_comes_closer_to_its_teacher_on_held_out_examples(name):
    pair = image_pair(n=120)
    teacher = wide(pair)
    list(build("source-only", pair=pair, network=teacher, steps=60))
    session = build(
        build_objective(name, teacher=teacher), pair=pair, steps=100, lr=0.02, batch_size=40
    )
    told = [f.losses for f in session if isinstance(f, Stepped)]
    terms = [sum(v for n, v in losses.items() if n != "task") for losses in told]
    assert np.mean(terms[-10:]) < 0.7 * np.mean(terms[:10])


def test_a_teacher_reads_each_domain_by_its_own_statistics():
    pair = image_pair()
    network = wide(pair)
    list(build("source-only-target-bn", pair=pair, network=network, steps=20))
    x = torch.tensor(pair.target.x)
    teacher = Teacher(network).train()
    torch.testing.assert_close(teacher(x, "target").z, network.eval().on("target")(x)[1])
    assert not torch.allclose(teacher(x, "source").z, teacher(x, "target").z)


def test_a_teacher_teaches_once_it_has_met_its_student():
    with pytest.raises(RuntimeError, match="before it teaches: call teacher.setup"):
        Teacher()(torch.zeros(1, 1, 16, 16), "source")


# --- hints


def test_the_hint_loss_is_half_the_mean_squared_difference():
    r, u = normal(3, 4, seed=1), normal(3, 4, seed=2)
    by_loops = sum(float(u[i, j] - r[i, j]) ** 2 for i in range(3) for j in range(4)) / 12 / 2
    assert float(hint_loss(r, u)) == pytest.approx(by_loops)


@pytest.mark.parametrize(
    ("guided", "hint"),
    [
        ((4, 6, 6), (7, 6, 6)),
        ((4, 6, 6), (7, 3, 3)),
        ((5,), (9,)),
        ((4, 2, 2), (9,)),
        ((9,), (4, 2, 2)),
    ],
)
def test_a_regressor_bridges_shapes_and_learns(guided, hint):
    bridge = regressor(guided, hint)
    assert bridge(torch.zeros(2, *guided)).shape == (2, *hint)
    assert any(p.requires_grad for p in bridge.parameters())


def test_a_regressor_is_there_only_where_shapes_differ_and_trains_along():
    assert isinstance(regressor((4, 6, 6), (4, 6, 6)), nn.Identity)
    pair = image_pair()
    session = build(build_objective("fitnets", teacher=wide(pair)), pair=pair)
    before = session.objective.regressor[0].weight.clone()
    assert before.shape == (9, 6, 1, 1)
    list(session)
    assert not torch.equal(before, session.objective.regressor[0].weight)


def test_binding_hints_leaves_network_and_random_state_alone():
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8)
    held, modes, state = (
        copy.deepcopy(network.state_dict()),
        [m.training for m in network.modules()],
        torch.get_rng_state(),
    )
    build(build_objective("fitnets", teacher=wide(pair)), pair=pair, network=network)
    assert same(held, network.state_dict())
    assert modes == [m.training for m in network.modules()]
    assert torch.equal(state, torch.get_rng_state())


def test_the_middle_stage():
    assert [middle_stage(dict(enumerate(range(n)))) for n in (1, 2, 4, 5)] == [0, 0, 1, 2]


# --- attention


def maps(c, seed):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(3, c, 4, 5)))


def test_attention_equals_loops():
    a_s, a_t = maps(6, 1).numpy(), maps(2, 2).numpy()

    def q(a, i):
        flat = [
            sum(a[i, c, y, x] ** 2 for c in range(a.shape[1])) for y in range(4) for x in range(5)
        ]
        return np.array(flat) / math.sqrt(sum(v * v for v in flat))

    by_loops = np.mean([(q(a_s, i) - q(a_t, i)) ** 2 for i in range(3)])
    assert float(attention_loss(maps(6, 1), maps(2, 2))) == pytest.approx(by_loops, rel=1e-9)
    np.testing.assert_allclose(attention_map(maps(6, 1))[2], q(a_s, 2))


def test_attention_ignores_strength_sign_and_order_of_channels():
    a = maps(6, 1)
    assert float(attention_loss(-3 * a.flip(1), a)) == pytest.approx(0, abs=1e-20)
    assert float(attention_loss(a, a.flip(3))) > 1e-3


def test_attention_of_another_size_is_resized_and_a_dead_stage_stays_finite():
    big = maps(2, 1).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert attention_loss(maps(3, 2), big).isfinite()
    dead = torch.zeros(3, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    attention_loss(dead, maps(2, 1)).backward()
    assert dead.grad.isfinite().all()


def test_attention_needs_maps_in_both_networks():
    points, images = tl.load_pair("blobs->rotated-blobs", n_samples=30), image_pair()
    with pytest.raises(
        ValueError,
        match=r"the student mlp has none for examples of shape \(2,\): use 'fitnets' or 'rkd'",
    ):
        tl.Session(
            points, tl.build_network("mlp", points), build_objective("attention"), device="cpu"
        )
    with pytest.raises(
        ValueError, match=r"the teacher mlp has none for examples of shape \(1, 16, 16\)"
    ):
        build(build_objective("attention", teacher=tl.build_network("mlp", images)), pair=images)


# --- relations


def huber(a, b):
    d = abs(a - b)
    return d * d / 2 if d <= 1 else d - 0.5


def test_distances_are_in_units_of_their_mean_and_the_loss_is_hubers():
    f_s, f_t = normal(5, 3, seed=1), normal(5, 7, 0.0, 4.0, seed=2)

    def psi(f):
        d = {(i, j): float(np.linalg.norm(f[i] - f[j])) for i, j in combinations(range(5), 2)}
        return {pair: v / np.mean(list(d.values())) for pair, v in d.items()}

    s, t = psi(f_s.numpy()), psi(f_t.numpy())
    np.testing.assert_allclose(distances(f_s), list(s.values()))
    assert float(distance_loss(f_s, f_t)) == pytest.approx(np.mean([huber(s[p], t[p]) for p in s]))


def test_angles_are_those_at_the_middle_of_each_three():
    f_s, f_t = normal(5, 3, seed=1), normal(5, 7, seed=2)

    def cosines(f):
        found = []
        for j, i, k in permutations(range(5), 3):
            a, b = f[i] - f[j], f[k] - f[j]
            found.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
        return np.array(found)

    s, t = cosines(f_s.numpy()), cosines(f_t.numpy())
    assert len(angles(f_s)) * 2 == len(s)  # i and k may swap
    assert float(angle_loss(f_s, f_t)) == pytest.approx(
        np.mean([huber(a, b) for a, b in zip(s, t, strict=True)])
    )


def test_relations_ignore_place_rotation_and_scale():
    f, q = normal(8, 3, seed=1), torch.linalg.qr(normal(3, 3, seed=2)).Q
    moved = 5 * f @ q + 2
    assert float(distance_loss(moved, f)) == pytest.approx(0, abs=1e-20)
    assert float(angle_loss(moved, f)) == pytest.approx(0, abs=1e-20)
    stretched = f * torch.tensor([1.0, 1.0, 4.0])
    assert float(distance_loss(stretched, f)) > 1e-3
    assert float(angle_loss(stretched, f)) > 1e-3


def test_equal_rows_give_finite_and_small_gradients():
    for f in (torch.ones(4, 3), torch.tensor([[0.0, 1.0], [0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])):
        f = f.double().requires_grad_()  # noqa: PLW2901
        (distance_loss(f, normal(4, 3)) + angle_loss(f, normal(4, 3))).backward()
        assert f.grad.isfinite().all()
        assert f.grad.abs().max() < 1e3


def test_an_angle_needs_three():
    with pytest.raises(ValueError, match="at least 3 examples, got 2: take a larger batch"):
        angles(normal(2, 3))


def test_rkds_two_weights_count_each_on_its_own():
    def told(**settings):
        return (
            build(build_objective("rkd", teacher=wide(image_pair()), **settings), weight=0.5)
            .step()[0]
            .losses
        )

    full, half = told(distance=25, angle=50), told(distance=5, angle=0)
    assert half["distances"] == pytest.approx(full["distances"] / 5, rel=1e-5)
    assert half["angles"] == 0
    assert full["angles"] > 0


# --- mean teacher


def test_a_mean_teacher_is_the_running_mean_of_the_students_weights():
    session = build("mean-teacher", steps=5, weight=0)
    name, m = "stages.conv1.0.weight", 0.99
    wanted = dict(session.network.named_parameters())[name].detach().clone()
    for _ in range(5):
        wanted = m * wanted + (1 - m) * dict(session.network.named_parameters())[name].detach()
        session.step()
    torch.testing.assert_close(
        dict(session.objective.teacher.network.named_parameters())[name], wanted
    )
    assert not any(p.requires_grad for p in session.objective.teacher.parameters())


def test_the_mean_teachers_statistics_are_the_students():
    teacher, student = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    student(torch.randn(9, 2))
    update_teacher(teacher, student, 0.9)
    torch.testing.assert_close(teacher.running_mean, student.running_mean)


def test_consistency_is_the_mean_squared_difference_where_the_teacher_is_sure():
    z_s, z_t = normal(6, 3, seed=1), 3 * normal(6, 3, seed=2)
    total = 0.0
    for a, b in zip(z_s.numpy(), z_t.numpy(), strict=True):
        if softmax(b).max() >= 0.9:
            total += ((softmax(a) - softmax(b)) ** 2).sum() / 3
    assert total > 0
    assert float(consistency(z_s, z_t, 0.9)) == pytest.approx(total / 6)


def test_noise_keeps_images_in_their_range_and_is_as_strong_as_said():
    image = torch.full((50, 1, 20, 20), 128, dtype=torch.uint8)
    out = add_noise(image, 0.1)
    assert float(out.std()) == pytest.approx(0.1, rel=0.05)
    assert float(out.mean()) == pytest.approx(128 / 255, abs=0.01)
    assert add_noise(image, 5.0).min() == 0
    assert add_noise(torch.zeros(9, 2), 5.0).min() < 0


def test_the_mean_teachers_lambda_ramps_up_over_a_fifth_of_the_run():
    effective = [
        f.effective["weight"] for f in build("mean-teacher", steps=10) if isinstance(f, Stepped)
    ]
    wanted = [3 * math.exp(-5), 3 * math.exp(-5 * 0.25), *([3.0] * 8)]
    np.testing.assert_allclose(effective, wanted)
