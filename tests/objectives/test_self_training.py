"""SHOT and gradual self-training: centers and labels against loops and closed forms, and what each trains, when, on what."""

import math

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from test_objectives import normal
from test_session import build, image_pair, weights
from torch.nn import functional as F

import tltutor as tl
from tltutor.domains import DomainPath
from tltutor.events import Stepped
from tltutor.objectives import build_objective
from tltutor.objectives.gradual import confidence_floor
from tltutor.objectives.shot import (
    class_centers,
    information_loss,
    label_loss,
    nearest_centers,
)

# --- SHOT's formulas


def test_the_information_loss_in_closed_form():
    certain = 50 * torch.eye(3)[[0, 1, 2, 0, 1, 2]]
    assert float(information_loss(certain)) == pytest.approx(-math.log(3), abs=1e-6)
    assert float(information_loss(torch.zeros(4, 3))) == pytest.approx(0, abs=1e-6)
    assert float(information_loss(certain[:1].repeat(5, 1))) == pytest.approx(0, abs=1e-6)


def test_the_information_loss_by_loops():
    z = normal(7, 4)
    p = z.softmax(1).numpy()
    each = -sum(v * math.log(v) for v in p.ravel()) / 7
    mean = p.mean(0)
    spread = -sum(v * math.log(v) for v in mean)
    assert float(information_loss(z)) == pytest.approx(each - spread)


def test_centers_are_weighted_means_and_a_class_without_answers_has_none():
    f, p = normal(6, 3), normal(6, 4, seed=1).softmax(1)
    for k in range(4):
        wanted = np.average(f.numpy(), axis=0, weights=p[:, k].numpy())
        np.testing.assert_allclose(class_centers(f, p)[k], wanted)
    empty = p * torch.tensor([1.0, 0, 1, 1])
    assert (class_centers(f, empty)[1] == 0).all()


def test_labels_are_those_of_the_nearest_center_by_angle_however_long_features_are():
    f, centers = normal(30, 5), normal(4, 5, seed=1)
    peer = KNeighborsClassifier(1, metric="cosine").fit(centers, range(4)).predict(f)
    assert nearest_centers(f, centers).tolist() == peer.tolist()
    scale = torch.arange(1, 31)[:, None]
    assert torch.equal(nearest_centers(f * scale, 3 * centers), nearest_centers(f, centers))
    without = centers.clone()
    without[2] = 0
    assert 2 not in nearest_centers(-f.abs(), without)  # not even where all cosines are below 0


def test_label_loss_is_the_mean_cross_entropy():
    z, y = normal(5, 3), torch.tensor([0, 2, 1, 1, 0])
    wanted = -sum(float(z[i].log_softmax(0)[y[i]]) for i in range(5)) / 5
    assert float(label_loss(z, y)) == pytest.approx(wanted)


# --- SHOT in a session


def listening(session):
    """The batches that the session's objective sees."""
    heard = []
    session.objective.register_forward_pre_hook(lambda _, args: heard.append(args[0]))
    return heard


def test_shot_adds_its_terms_with_labels_from_all_of_the_target():
    session = build("shot", weight=0.5)
    heard, x = listening(session), torch.tensor(session.pair.target.x)
    losses = session.step()[0].losses
    batch, teacher = heard[0], session.objective.teacher(x, "target")
    centers = class_centers(teacher.f, teacher.z.softmax(1))
    labels = nearest_centers(teacher.f, centers)
    centers = class_centers(teacher.f, F.one_hot(labels, 3).float())
    labels = nearest_centers(teacher.f, centers)
    rows = [int((x == one).flatten(1).all(1).nonzero()[0, 0]) for one in batch.xt]
    assert losses["information"] == pytest.approx(
        0.5 * float(information_loss(batch.zt).detach()), rel=1e-5
    )
    wanted = 0.5 * 0.3 * float(F.cross_entropy(batch.zt, labels[rows]).detach())
    assert losses["pseudo-labels"] == pytest.approx(wanted, rel=1e-5)
    assert batch.xs.numel() == 0, "it has no source"


def test_shot_keeps_the_head_and_moves_the_rest():
    session = build("shot")
    start = weights(session)
    list(session)
    for name, p in session.network.named_parameters():
        if name.endswith("weight"):  # a bias before a BatchNorm does nothing
            assert torch.equal(p, start[name]) == name.startswith("head."), name


def test_the_target_is_labeled_anew_as_often_as_said(monkeypatch):
    for refreshes, wanted in ((1, [1]), (3, [1, 3, 5]), (100, [1, 2, 3, 4, 5, 6])):
        session, found = build(build_objective("shot", refreshes=refreshes)), []
        label = session.objective.label_anew
        monkeypatch.setattr(
            session.objective,
            "label_anew",
            lambda n, label=label, found=found, session=session: (
                found.append(session.step_number + 1),
                label(n),
            ),
        )
        list(session)
        assert found == wanted


def accuracy_after(name, seed, **options):
    pair = tl.load_pair("digits->shifted-digits", seed=seed, size=16, rotation=30)
    how = {"steps": 150, "batch_size": 32, "lr": 0.02, "device": "cpu", "seed": seed}
    network = tl.build_network("lenet", pair, channels=(8, 12), width=32, seed=seed)
    list(tl.Session(pair, network, build_objective("source-only"), **how))
    session = tl.Session(pair, network, build_objective(name), **how, **options)
    before = session.evaluate()["target_accuracy"]
    list(session)
    return before, session.evaluate()["target_accuracy"]


@pytest.mark.slow
def test_without_the_source_shot_gains_on_turned_digits():
    gains = [after - before for before, after in (accuracy_after("shot", s) for s in range(3))]
    assert min(gains) > 0.02
    assert np.mean(gains) > 0.05


# --- gradual self-training


def test_the_floor_drops_this_share_of_the_answers():
    z = normal(200, 3)
    sure = z.softmax(1).amax(1)
    for dropped in (0.0, 0.1, 0.5):
        kept = (sure >= confidence_floor(z, dropped)).double().mean()
        assert float(kept) == pytest.approx(1 - dropped, abs=0.006)


def path_pair(n=60, k=3):
    """Images whose brightness tells the domain: 0 for the source, then 1 to k of k + 1."""
    pair = image_pair(n=n)

    def lit(name, level):
        x = pair.source.x.copy()
        x[:, 0, 0, 0] = level / (k + 1)
        return tl.Domain(name, x, pair.source.y)

    steps = [lit(f"step {i}", i) for i in range(1, k + 1)]
    return DomainPath(lit("source", 0), steps, target_test=lit("end", k)).pair()


def test_each_part_of_a_run_sees_its_own_domain_alone():
    session = build("gradual", pair=path_pair(), steps=8)
    heard = listening(session)
    facts = [fact for fact in session if isinstance(fact, Stepped)]
    levels = [batch.xt[:, 0, 0, 0].unique().tolist() for batch in heard]
    assert levels == [[0.25]] * 4 + [[0.5]] * 2 + [[0.75]] * 2  # the source's part feeds the first
    assert [tuple(f.losses) for f in facts] == [("task",)] * 2 + [("self-training",)] * 6


def test_a_parts_teacher_is_the_network_as_it_was_when_the_part_began():
    session = build("gradual", pair=path_pair(), steps=8, weight=0.5)
    heard = listening(session)
    while session.step_number < 4:
        session.step()
    teacher = weights(session)
    first = session.step()[-1].losses["self-training"]
    held = session.objective.teacher.require_network().state_dict()
    kept = [
        n for n in teacher if "running" not in n and "num_batches" not in n and "target_" not in n
    ]
    assert all(torch.equal(held[name], teacher[name]) for name in kept)
    begun = {name: value.clone() for name, value in held.items()}
    session.step()
    assert all(torch.equal(held[name], value) for name, value in begun.items())
    batch = heard[4]
    z = session.objective.teacher(batch.xt, "target").z
    sure, y = z.softmax(1).max(1)
    kept = sure >= session.objective.floor
    wanted = 0.5 * (kept * F.cross_entropy(batch.zt, y, reduction="none")).mean()
    assert first == pytest.approx(float(wanted.detach()), rel=1e-5)


def moons(seed, *, decay=0.05, **options):
    """The accuracy at the end of the path, after as many steps a domain whatever its length."""
    path = tl.load_pair("moons->turning-moons", seed=seed, n_samples=300, **options)
    network = tl.build_network("mlp", path, seed=seed, width=32)
    steps = 100 * (2 + int(path.target.domain_id.max()))
    how = {"steps": steps, "lr": 0.1, "device": "cpu", "seed": seed, "weight_decay": decay}
    session = tl.Session(path, network, build_objective("gradual"), **how)
    list(session)
    return session.evaluate()["target_accuracy"]


@pytest.mark.slow
def test_step_by_step_the_moons_are_followed_in_one_leap_or_without_decay_they_are_lost():
    """The paper's two findings, on moons that turn by 100 degrees: small steps help, and so does a penalty on the weights."""
    for seed in range(3):
        along = moons(seed)
        assert along > 0.7
        assert along > moons(seed, domains=1) + 0.3
        assert along > moons(seed, decay=0.0) + 0.2


def digits(seed, domains):
    path = tl.load_pair("digits->turning-digits", seed=seed, domains=domains, size=16)
    network = tl.build_network("lenet", path, seed=seed, channels=(8, 16), width=32)
    how = {"steps": 910, "batch_size": 32, "lr": 0.02, "device": "cpu", "seed": seed}
    session = tl.Session(path, network, build_objective("gradual"), **how)
    list(session)
    return session.evaluate()["target_accuracy"]


@pytest.mark.slow
def test_digits_that_turn_by_sixty_degrees_are_followed_and_in_one_leap_lost():
    for seed in range(3):
        assert digits(seed, 12) > digits(seed, 1) + 0.25


def test_a_target_without_a_path_is_learned_in_one_leap():
    session = build("gradual", steps=6)
    told = [tuple(f.losses) for f in session if isinstance(f, Stepped)]
    assert told == [("task",)] * 3 + [("self-training",)] * 3
